import type { review as Model } from '../en/review.ts'
import { link, rich } from '../rich.ts'

export const review: typeof Model = {
  title: (poll) => `Revisar: ${poll}`,
  heading: 'Revise su reparto',
  lead: 'Todavía no se ha enviado nada. Lo que quieren los demás lo verá después de enviar, no antes.',
  revisionHeading: 'Revise su cambio',
  revisionLead: (back) => rich`Todavía no se ha cambiado nada. ${link('Volver sin cambiar nada', back)}`,
  split: 'Su reparto',
  chart: 'Su reparto en cada categoría. La tabla de abajo tiene todas las cifras.',
  chartWith: (baseline) =>
    `Su reparto en cada categoría, y además: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  table: 'Su reparto en cifras',
  wouldMove: (part, baseline) => `${baseline}: usted cambiaría de sitio el ${part} de ese dinero.`,
  differences: 'Las diferencias están en puntos porcentuales.',
  remembered: 'Este dispositivo recordará su reparto.',
  submit: 'Enviar mi reparto',
  replace: 'Sustituir mi reparto',
  change: 'Cambiarlo',

  script: {
    sending: 'Enviando…',
    offline: 'No tiene conexión; lo que ha escrito se conserva. Se enviará en cuanto la recupere.',
    again: {
      one: 'No se ha podido enviar o no ha llegado respuesta. Lo que ha escrito se conserva. Se vuelve a intentar dentro de {count} segundo: por muchas veces que se envíe, cuenta una sola vez.',
      other:
        'No se ha podido enviar o no ha llegado respuesta. Lo que ha escrito se conserva. Se vuelve a intentar dentro de {count} segundos: por muchas veces que se envíe, cuenta una sola vez.',
    },
    notSent:
      'No se ha podido enviar o no ha llegado respuesta. Lo que ha escrito se conserva. Vuelva a enviarlo dentro de un rato: por muchas veces que se envíe, cuenta una sola vez.',
  },
}
