"""Verbs and turns of German, French and Spanish: orders are written in these too.

Only forms that tell or ask somebody to do something, as they stand in a sentence, lower case.
"""

from components.actions import Intent

DEEDS: dict[Intent, str] = {
    "send": "sende senden schicke schicken schick verschicke verschicken verschick maile mailen"
    " weiterleiten weiterzuleiten veröffentliche veröffentlichen benachrichtige benachrichtigen"
    " envoie envoies envoyer envoyez transmets transmettre transmettez publie publier publiez"
    " envía envíe enviar envíes manda mande mandar reenvía reenvíe reenviar publica publicar"
    " publique remite remita remitir",
    "pay": "überweise überweisen überweis zahle zahlen bezahle bezahlen kaufe kaufen bestelle"
    " bestellen spende spenden paie payer payez vire virer virez verser versez achète acheter"
    " achetez transfère transférer transférez paga pague pagar transfiere transfiera transferir"
    " abona abone abonar compra compre comprar donar",
    "grant": "gewähre gewähren erlaube erlauben teile teilen genehmige genehmigen einladen"
    " entsperre entsperren autorise autoriser autorisez accorde accorder accordez partage"
    " partager partagez invitez inviter comparte comparta compartir concede conceda conceder"
    " autoriza autorice autorizar invita invitar desbloquea desbloquee",
    "delete": "lösche löschen entferne entfernen vernichte vernichten deaktiviere deaktivieren"
    " supprime supprimer supprimez efface effacer effacez désactive désactiver désactivez borra"
    " borre borrar elimina elimine eliminar desactiva desactive desactivar suprime suprima",
    "execute": "starte starten ausführen exécute exécuter exécutez lance lancer lancez ejecuta"
    " ejecute ejecutar inicia inicie iniciar",
    "write": "ändere ändern erstelle erstellen speichere speichern aktualisiere aktualisieren"
    " hinzufügen verschiebe verschieben kopiere kopieren umbenennen buche buchen reserviere"
    " reservieren ajoute ajouter ajoutez modifie modifier modifiez crée créer créez changez"
    " enregistre enregistrer enregistrez déplace déplacer déplacez copiez réserve réserver"
    " réservez añade añada añadir agrega agregue agregar cambia cambie cambiar crea cree crear"
    " guarda guarde guardar modifica modifique mueve mueva mover reserva reserve actualiza"
    " actualice",
    "read": "suche suchen lies lesen zeige zeigen finde finden öffne öffnen besuche besuchen"
    " cherche chercher cherchez lis lire lisez montre montrer montrez trouve trouver trouvez"
    " ouvre ouvrir ouvrez visitez récupère récupérer récupérez busca busque buscar leer"
    " muestra muestre mostrar encuentra encuentre abre abra abrir visita visite",
}

BARE = (
    "sende schicke verschicke maile leite veröffentliche benachrichtige überweise zahle bezahle"
    " kaufe bestelle gewähre erlaube teile genehmige entsperre lösche entferne deaktiviere starte"
    " führe ändere erstelle speichere aktualisiere füge verschiebe kopiere buche reserviere suche"
    " lies zeige öffne besuche ignoriere vergiss gib mache befolge antworte lade senden schicken"
    " überweisen löschen"
    " envoie envoyez transmets transmettez publiez payez virez versez achetez transférez transfère"
    " autorisez accordez partagez invitez supprimez effacez désactivez exécutez lancez ajoutez"
    " modifiez créez changez enregistrez déplacez copiez réservez cherchez lisez montrez trouvez"
    " ouvrez visitez récupérez ignorez oubliez téléchargez donnez faites répondez"
    " envía envíe manda mande reenvía reenvíe publica publique paga pague transfiere transfiera"
    " comparte comparta concede conceda autoriza autorice invita borra borre elimina elimine"
    " desactiva desactive ejecuta ejecute añade añada agrega agregue cambia cambie crea guarda"
    " guarde modifica modifique mueve mueva reserva busca busque muestra muestre abre abra"
    " visita visite descarga descargue ignora olvida olvide haz haga responde responda"
)
"""Verbs that begin an order."""

TURN = (
    r"bitte|(?:du|sie|ihr) (?:musst|müssen|müsst|sollst|sollen|sollt)|(?:kannst|könnten) (?:du|sie)"
    r"|veuillez|merci de|s'il (?:vous|te) pla[iî]t|(?:vous devez|tu dois|il faut)"
    r"|(?:peux-tu|pouvez-vous|pourriez-vous)"
    r"|por favor|(?:debes|debe|deben|tienes que|tiene que|hay que)|(?:puedes|podrías|podría usted)"
)
"""Turns that ask the reader for something."""

OVERRIDE = (
    r"(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)[^.\n]{0,60}"
    r"(?:anweisung|vorgabe|regel|auftrag|bisherig|vorherig|obig)"
    r"|(?:ignore[zr]?|oublie[zr]?|ne tenez pas compte)[^.\n]{0,60}"
    r"(?:instruction|consigne|règle|précédent|tâche)"
    r"|(?:ignor[ae]|olvid[ae]|haga caso omiso)[^.\n]{0,60}"
    r"(?:instruccion|anterior|regla|orden|tarea)"
    r"|\b(?:ki|ia)[ -]?(?:assistent\w*|agent\w*|asistente|modell?e?)\b"
)
"""What sets other instructions aside or speaks to a machine."""
