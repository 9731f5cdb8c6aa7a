import type { trends as Model } from '../en/trends.ts'
import { formatFor } from '../format.ts'
import { rich, strong } from '../rich.ts'

const { count, percent1, points } = formatFor('es')

type Kind = keyof (typeof Model)['choices']

const names: Readonly<Record<Kind, string>> = { hour: 'hora', day: 'día', week: 'semana', month: 'mes' }
const plurals: Readonly<Record<Kind, string>> = {
  hour: 'horas',
  day: 'días',
  week: 'semanas',
  month: 'meses',
}
const inThat: Readonly<Record<Kind, string>> = {
  hour: 'en esa hora',
  day: 'en ese día',
  week: 'en esa semana',
  month: 'en ese mes',
}
const unfinished: Readonly<Record<Kind, string>> = {
  hour: 'la hora que aún no ha terminado',
  day: 'el día que aún no ha terminado',
  week: 'la semana que aún no ha terminado',
  month: 'el mes que aún no ha terminado',
}

const numbers: (typeof Model)['extremes'] = (least, most) =>
  `Mínimo: ${percent1(least.value)} (${least.when}); máximo: ${percent1(most.value)} (${most.when}).`

const cumulative: (typeof Model)['views']['cumulative'] = {
  choice: 'Todos hasta entonces',
  caveat: (bucket) =>
    rich`Cada punto es el ${strong(`presupuesto colectivo tal como estaba al final de cada ${names[bucket]}`)}: la media de todos los repartos que entonces contaban.`,
  chart: (category, bucket) => `${category}: media al final de cada ${names[bucket]}`,
  counted: (bucket) => `Repartos contados al final de cada ${names[bucket]}`,
  table: (bucket, zone) => `Porcentajes medios al final de cada ${names[bucket]}, ${zone}`,
}

const period: (typeof Model)['views']['period'] = {
  choice: 'Solo los de ese tiempo',
  caveat: (bucket) =>
    rich`Cada punto es la media de los ${strong(`repartos enviados por primera vez ${inThat[bucket]}`)}, tal como están hoy: lo que se ha cambiado desde entonces aparece cambiado, y lo que se ha retirado o apartado no aparece.`,
  chart: (category, bucket) => `${category}: media en cada ${names[bucket]}`,
  counted: (bucket) => `Repartos contados en cada ${names[bucket]}`,
  table: (bucket, zone) => `Porcentajes medios en cada ${names[bucket]}, ${zone}`,
}

export const trends: typeof Model = {
  title: (poll) => `Evolución: ${poll}`,
  description: (poll) =>
    `Cómo ha cambiado con el tiempo el presupuesto colectivo de quienes han participado: ${poll}`,
  heading: 'Cómo ha cambiado el presupuesto colectivo',
  views: { cumulative, period },
  whose: 'Repartos de quién',
  by: 'Por',
  suits: 'Lo que convenga al intervalo',
  choices: { hour: 'Hora', day: 'Día', week: 'Semana', month: 'Mes' },
  zone: 'Zona horaria',
  everywhere: 'En todas partes',
  regions: {
    Africa: 'África',
    America: 'América',
    Antarctica: 'Antártida',
    Arctic: 'Ártico',
    Asia: 'Asia',
    Atlantic: 'Atlántico',
    Australia: 'Australia',
    Europe: 'Europa',
    Indian: 'Índico',
    Pacific: 'Pacífico',
  },
  from: 'Desde',
  to: 'Hasta, inclusive',
  aboutFrom: 'En blanco: el primer reparto',
  aboutTo: 'En blanco: hoy',
  show: 'Mostrar',

  wrongFrom: '«Desde» debe ser un día, por ejemplo 2026-11-23.',
  wrongTo: '«Hasta» debe ser un día, por ejemplo 2026-11-23.',
  before1970: 'Ese día es anterior a 1970.',
  inTheFuture: '«Desde» está en el futuro.',
  reversed: '«Desde» es posterior a «Hasta».',
  nothingBetween: '«Desde» y «Hasta» son la misma hora: entre ellas no hay nada.',
  noMoment: 'La evolución es de un intervalo, no de un momento (asOf, position): elija «Desde» y «Hasta».',
  wrongBucket: '«Por» debe ser hora, día, semana o mes.',
  wrongView: '«Repartos de quién» debe ser una de las dos vistas.',
  unknownZone:
    'La zona horaria debe ser un nombre de la base de datos IANA. Pruebe con Europe/Madrid o con UTC.',
  similarZones: (zones) =>
    `La zona horaria debe ser un nombre de la base de datos IANA. ¿Quería decir ${zones}?`,
  tooFine: (bucket, most) =>
    `La división es demasiado fina para el intervalo: se muestran como máximo ${count(most)} ${plurals[bucket]}. Elija otra más larga o un intervalo más corto.`,
  refused: 'Esta evolución no se puede mostrar. Revise todos los campos, por favor.',

  whereItStandsNow: 'El último es cómo está ahora.',
  nobodyYet: 'Aún no se cuenta ningún reparto',
  nobodyYetText: 'La evolución aparece con los primeros repartos.',
  nobodyInRange: 'No se cuenta ningún reparto en este intervalo',
  nobodyInRangeText: 'Elija otro, o déjelo en blanco para verlo todo.',
  showEverything: 'Mostrarlo todo',
  moves: (bucket) => `Categoría por categoría, por ${names[bucket]}`,
  movesText:
    'Todos los gráficos de categorías muestran los mismos puntos porcentuales de abajo arriba, así que una línea más inclinada es un cambio mayor. Las cifras que hay al lado dicen dónde está cada una.',
  dashed: (bucket) => `El final en línea discontinua es ${unfinished[bucket]}.`,
  chartText: (first, latest, least, most) =>
    `De ${percent1(first)} a ${percent1(latest)}. ${numbers(least, most)}`,
  onePoint: (value, when) => rich`${strong(percent1(value))} (${when}): el único punto de este intervalo.`,
  onePointText: (value, when) => `${percent1(value)} (${when}), un solo punto.`,
  moved: (latest, change) =>
    rich`${strong(percent1(latest))} al final, ${points(change)} puntos desde el comienzo.`,
  extremes: numbers,
  counted: 'Repartos contados',
  inAll: (number) => `${count(number)} en total.`,
  inAllStrong: (number) => rich`${strong(count(number))} en total.`,
  few: 'Donde han participado pocas personas, un punto dice poco: un solo reparto puede moverlo mucho.',
  numbers: 'Las cifras',
  downloadCsv: 'Descargar CSV',
  json: 'JSON',
  showTable: 'Mostrar la tabla',
  lastRows: (shown, all) => `Las últimas ${count(shown)} de ${count(all)}. Todas están en las descargas.`,
  columns: { hour: 'Hora', day: 'Día', week: 'Semana desde', month: 'Mes' },
  countedColumn: 'Contados',
  notOver: '(sin terminar)',
  rounding: 'Las medias se redondean de modo que cada fila sume 100\u00a0%.',
  stamp: (position, zone) => `Posición ${position}, según la proyección, en la hora de ${zone}.`,
}
