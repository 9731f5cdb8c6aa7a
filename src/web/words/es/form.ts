import type { form as Model } from '../en/form.ts'
import { formatFor } from '../format.ts'
import { link, rich } from '../rich.ts'

const { count, percent } = formatFor('es')

const grain = (step: number): string =>
  step === 100 ? 'en porcentajes enteros' : `en pasos de ${percent(step)}`

export const form: typeof Model = {
  description: (categories) =>
    `Reparta el 100\u00a0% de sus impuestos entre ${count(categories)} categorías y compare su reparto con el de todos y con el presupuesto real.`,
  pleaseCheck: (poll) => `Por favor, revise: ${poll}`,
  change: (poll) => `Cambiar: ${poll}`,
  changeHeading: 'Cambiar su reparto',
  changeLead: (back) =>
    rich`Lo que envíe ahora sustituye a lo que envió antes. ${link('Volver sin cambiar nada', back)}`,
  lead: (categories, step) =>
    `Reparta el 100\u00a0% del dinero entre ${count(categories)} categorías, ${grain(step)}. Deje en blanco lo que no deba recibir nada.`,
  notStored: 'Aún no se ha guardado',
  notStoredText:
    'Su reparto no se ha podido guardar ahora mismo. No se ha perdido nada de lo que escribió: vuelva a enviarlo dentro de un momento. Se contará una sola vez, por muchas veces que lo envíe.',
  asOfLastCheck: 'según la última revisión',
  less: (category) => `Menos para ${category}`,
  more: (category) => `Más para ${category}`,
  remember: 'Recordar en este dispositivo',
  aboutRemember:
    'Guarda una cookie con el número y el recibo de su reparto, para que lo encuentre en «Historial» y pueda cambiarlo más adelante.',
  submit: 'Enviar mi reparto',
  replace: 'Sustituir mi reparto',

  closed: 'Esta encuesta está cerrada',
  closedText: (poll) =>
    `«${poll}» ya no admite más repartos. Lo que se envió mientras estaba abierta sigue en los resultados.`,
  alreadySent: 'Ya ha enviado este formulario',
  alreadySentText: [
    'Se guardó con los porcentajes de la primera vez; lo que cambió después, no.',
    'Puede cambiar su reparto en su propia página mientras este navegador tenga su recibo.',
  ],
  goToSubmission: 'Ir a su reparto',
  startAnew: 'Empezar un formulario nuevo',

  outOfDate: 'Este formulario había caducado. Revíselo y vuelva a enviarlo, por favor.',
  repeated: (category) => `${category} se ha enviado más de una vez.`,
  unknownCategory: (name) => `Esta encuesta no tiene ninguna categoría «${name}».`,
  notANumber: (category, entered) =>
    `${category} necesita un número como 25, pero se ha escrito «${entered}».`,
  negative: (category) => `${category} no puede tener menos del ${percent(0)}.`,
  tooLarge: (category) => `${category} no puede tener más del ${percent(10_000)}.`,
  offStep: (category, step, lower) =>
    `${category} solo se puede repartir ${grain(step)}: ${percent(lower)} o ${percent(lower + step)}.`,
  tooLittle: (sum) =>
    `Los porcentajes suman ${percent(sum)}, no ${percent(10_000)}: queda por repartir un ${percent(10_000 - sum)}.`,
  tooMuch: (sum) =>
    `Los porcentajes suman ${percent(sum)}, no ${percent(10_000)}: sobra un ${percent(sum - 10_000)}.`,
  refused: 'El reparto no se puede aceptar tal como está. Revise todos los porcentajes, por favor.',

  script: {
    exact: 'Exactamente {whole}: ya se puede enviar',
    under: 'Queda por repartir un {amount}',
    over: 'Sobra un {amount}',
    unclear: { one: 'Hay que corregir un campo', other: 'Hay que corregir {count} campos' },
    steps: '{large}; con Mayús, {small}',
  },
}
