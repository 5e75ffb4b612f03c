// SPDX-License-Identifier: Apache-2.0
// What only the page says; the sentences about bundles are those of verify.py.

const PAGE_WORDS = {
  title: ["Check a bundle", "Ein Paket prüfen"],
  intro: [
    "This page checks whether a standfast bundle is genuine and unaltered. Everything happens on this computer; nothing is sent anywhere.",
    "Diese Seite prüft, ob ein standfast-Paket echt und unverändert ist. Alles geschieht auf diesem Computer; nichts wird irgendwohin gesendet.",
  ],
  choose: ["Choose the bundle (the zip file)", "Wählen Sie das Paket aus (die Zip-Datei)"],
  "choose-folder": ["or the folder it was unpacked into", "oder den Ordner, in den es entpackt wurde"],
  drop: [
    "or drop one of them anywhere on this page.",
    "oder ziehen Sie eines davon irgendwo auf diese Seite.",
  ],
  checking: ["Checking …", "Wird geprüft …"],
  failed: [
    "The check stopped with an error of this page; that says nothing about the bundle. Try verify.py.",
    "Die Prüfung brach mit einem Fehler dieser Seite ab; das sagt nichts über das Paket. Versuchen Sie verify.py.",
  ],
  name: ["File: {name}", "Datei: {name}"],
  found: ["What was found", "Was gefunden wurde"],
  shown: ["What is in it", "Was enthalten ist"],
  time: ["When it existed", "Seit wann es das gibt"],
  owner: ["Whose key it is", "Wessen Schlüssel es ist"],
  more: ["… and {count} more.", "… und {count} weitere."],
  foot: [
    "A page that comes with a bundle can be forged together with it. If much depends on the answer, take verify.html or verify.py from a release of standfast.",
    "Eine Seite, die mit einem Paket kommt, kann mit ihm gefälscht sein. Wenn viel von der Antwort abhängt, nehmen Sie verify.html oder verify.py aus einer Veröffentlichung von standfast.",
  ],
};
const MARKS = { genuine: "✓", genuine_partial: "✓", altered: "✗", cannot_tell: "?" };
