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
    `Reparta el 100\u00a0% del dinero entre ${count(categories)} categorías, ${grain(step)}. Deje en blanco lo que no deba recibir nada. Las categorías aparecen en un orden al azar, distinto para cada persona.`,
  notStored: 'Aún no se ha guardado',
  notStoredText:
    'Su reparto no se ha podido guardar ahora mismo. No se ha perdido nada de lo que escribió: vuelva a enviarlo dentro de un momento. Se contará una sola vez, por muchas veces que lo envíe.',
  asOfLastCheck: 'según la última revisión',
  less: (category) => `Menos para ${category}`,
  more: (category) => `Más para ${category}`,
  remember: 'Recordar en este dispositivo',
  aboutRemember:
    'Guarda una cookie con el número y el recibo de su reparto, para que lo encuentre en «Historial» y pueda cambiarlo más adelante.',
  review: 'Revisar mi reparto',
  slider: 'Mostrar deslizadores',
  undo: 'Deshacer',
  redo: 'Rehacer',
  reset: 'Empezar de cero',
  lock: (category) => `Bloquear ${category}`,
  split: 'Repartir el resto',
  aboutSplit:
    'Reparte lo que queda cuando usted lo pide. Lo que ya está puesto se conserva, y las categorías bloqueadas no reciben nada.',
  equally: 'A partes iguales',
  inProportion: 'En proporción',
  into: 'Todo a una categoría',
  allIntoIt: 'Dárselo todo',
  before: (submission) =>
    rich`Ya ha enviado aquí un reparto: ${link('véalo, cámbielo o retírelo', submission)}. Lo que envíe ahora cuenta como otro más.`,

  closed: 'Esta encuesta está cerrada',
  closedText: (poll) =>
    `«${poll}» ya no admite más repartos. Lo que se envió mientras estaba abierta sigue en los resultados.`,
  alreadySent: 'Ya ha enviado este formulario',
  alreadySentText: [
    'Se guardó con los porcentajes de la primera vez; lo que cambió después, no.',
    'Cuenta una sola vez. Puede cambiarlo o retirarlo en su propia página.',
  ],
  changeToThis: 'Si prefiere que cuente lo que acaba de escribir, cambie su reparto:',
  changeIt: 'Cambiarlo por esto',
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
  tooMuch: (sum, largest) =>
    `Los porcentajes suman ${percent(sum)}, no ${percent(10_000)}: sobra un ${percent(sum - 10_000)}. Quítelo, por ejemplo, de lo que más tiene: ${largest.map(({ label, share }) => `${label} (${percent(share)})`).join(', ')}.`,
  changedMeanwhile:
    'Este reparto ha cambiado desde que abrió el formulario, quizá en otra pestaña. Revíselo y vuelva a enviarlo, por favor.',
  refused: 'El reparto no se puede aceptar tal como está. Revise todos los porcentajes, por favor.',

  script: {
    exact: 'Exactamente {whole}: ya se puede enviar',
    under: 'Queda por repartir un {amount}',
    over: 'Sobra un {amount}',
    unclear: { one: 'Hay que corregir un campo', other: 'Hay que corregir {count} campos' },
    steps: '{large}; con Mayús, {small}',
    slider: 'Deslizador de {category}',
    given: 'Se ha repartido un {amount}. Con «Deshacer» se quita.',
    nothingLeft: 'No queda nada por repartir.',
    allLocked: 'Todas las categorías están bloqueadas. Desbloquee alguna antes.',
    nothingThere:
      'Ninguna categoría sin bloquear tiene nada todavía, así que no hay proporción que mantener.',
    oneLocked: '{category} está bloqueada. Desbloquéela o elija otra.',
    cleared: 'Todos los campos vuelven a estar en blanco. Con «Deshacer» lo recupera todo.',
    undone: 'Deshecho.',
    redone: 'Rehecho.',
    nothingToUndo: 'No hay nada que deshacer.',
    nothingToRedo: 'No hay nada que rehacer.',
    restored: 'Aquí está de nuevo lo que había escrito.',
    offline: 'No tiene conexión; lo que ha escrito se conserva. Continúe cuando la recupere.',
  },
}
