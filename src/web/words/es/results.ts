import type { Tier } from '../../../queries/results.ts'
import type { results as Model } from '../en/results.ts'
import { formatFor } from '../format.ts'
import { link, moving, rich, strong, time } from '../rich.ts'

const { anyOf, choose, count, counted, dateTime, distance, part, percent, percent1, range } = formatFor('es')

const submissions = { one: 'reparto', other: 'repartos' }
const tiers: Readonly<Record<Tier, string>> = {
  snapshot: 'la instantánea',
  projection: 'la proyección',
  replay: 'el recálculo',
}

export const results: typeof Model = {
  title: (poll) => `Resultados: ${poll}`,
  description: (poll) =>
    `En qué gastarían juntos todos los que han participado, al lado del presupuesto real: ${poll}`,
  heading: 'En qué gastaríamos todos juntos',
  closed:
    'Esta encuesta está cerrada. Estos resultados son definitivos, salvo que un operador aparte algún reparto.',
  counted: 'Repartos contados',
  withdrawn: 'Retirados por sus autores',
  excluded: 'Excluidos por un operador',
  caveat: rich`${strong('Una encuesta abierta, no una muestra.')} Cualquiera puede participar, así que esto dice lo que quieren quienes lo han hecho, y no lo que quiere todo el país.`,
  nobodyYet: 'Aún no se cuenta ningún reparto',
  nobodyThen: 'Entonces no se contaba ningún reparto',
  appears: 'El presupuesto colectivo aparece con el primer reparto.',
  beTheFirst: 'Sea la primera persona',

  collective: 'El presupuesto colectivo',
  collectiveText: (how) =>
    rich`La barra es la ${strong('media')} de todos los repartos: cada uno cuenta lo mismo. El rombo es el ${strong('presupuesto veraz')}: los mismos repartos, reunidos de tal modo que nadie puede acercar el resultado a lo que quiere pidiendo otra cosa. ${link('Cómo funciona', how)}`,
  truthfulBudget: 'Presupuesto veraz',
  chart: (number) =>
    `La media de ${counted(number, submissions)} en cada categoría, con el presupuesto veraz. La tabla de abajo tiene todas las cifras.`,
  chartWith: (number, baseline) =>
    `La media de ${counted(number, submissions)} en cada categoría, con el presupuesto veraz y con: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  contents: 'En esta página',
  everyNumber: 'Todas las cifras, en una tabla',
  table: 'El presupuesto colectivo en cifras',
  mean: 'Media',
  truthful: 'Veraz',
  median: 'Mediana',
  middleHalf: 'Mitad central',
  toTrends: 'Cómo ha cambiado con el tiempo: evolución',
  rounding:
    'Las medias y los porcentajes veraces se redondean de modo que cada columna sume 100\u00a0%. Las medianas no tienen por qué sumar nada: responden a cada categoría por separado. La mitad central deja fuera la cuarta parte que da menos y la cuarta parte que da más.',

  thanNowHeading: 'Más, lo mismo o menos que ahora',
  thanNowText:
    'En cada categoría, cuántos repartos le dan menos que el presupuesto real, exactamente lo mismo o más. A la derecha está lo que recibe ahora.',
  thanNowChart: (number, baseline) =>
    `${counted(number, submissions)}, divididos entre los que dan menos, lo mismo y más que: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  thanNowTable: 'Cuántos repartos dan menos, lo mismo y más',
  wants: { less: 'Menos que ahora', same: 'Lo mismo', more: 'Más que ahora' },
  part: (name, share) => `${percent(share)} ${{ less: 'menos', same: 'lo mismo', more: 'más' }[name]}`,
  now: 'ahora',
  nowIs: (baseline) => `«Ahora» es: ${baseline}.`,

  spread: 'Hasta qué punto difiere la gente',
  apart:
    'del dinero tendría que cambiar de sitio para convertir un reparto en otro, de media entre todas las parejas.',
  aboutApart:
    'Un 0\u00a0% querría decir que todos quieren lo mismo; un 100\u00a0%, que no hay dos repartos con algo en común.',
  mostApart: (most, ofMost, least, ofLeast) =>
    rich`Donde más difieren es en ${strong(most)}, de media ${distance(ofMost)} puntos porcentuales, y donde menos, en ${strong(least)}, ${distance(ofLeast)}.`,
  alone: 'Por ahora hay un solo reparto, y no tiene con quién diferir.',
  spreadText:
    'En cada categoría, cuántos repartos dan cuánto: la primera columna es nada en absoluto; cada una de las demás, un cinco por ciento. Debajo de las columnas, la caja es la mitad central, con la mediana marcada, y la línea deja fuera la décima parte más baja y la más alta.',
  nowInHistogram: (baseline) => `La línea discontinua, «ahora», es: ${baseline}.`,
  averages: (mean, median) => rich`Media: ${strong(percent1(mean))}; mediana: ${strong(percent(median))}.`,
  quartiles: (p25, p75) =>
    p25 === p75 ? `La mitad central da ${percent(p25)}.` : `La mitad central da ${range(p25, p75)}.`,
  zeros: (number, of) =>
    choose(number, {
      one: `${count(number)}\u00a0no da nada (${part(number / of)}).`,
      other: `${count(number)}\u00a0no dan nada (${part(number / of)}).`,
    }),
  apartHere: (difference) => `Dos repartos difieren de media en ${distance(difference)} puntos.`,
  showTable: 'Tabla',
  tableFor: (category) => `Tabla de ${category}`,
  distribution: (category) => `Distribución de ${category}`,
  shareGiven: 'Porcentaje dado',
  submissions: 'Repartos',
  quantiles: {
    p10: 'Décima parte más baja, hasta',
    p25: 'Cuarta parte más baja, hasta',
    median: 'Mediana',
    p75: 'Cuarta parte más alta, desde',
    p90: 'Décima parte más alta, desde',
  },
  slice: (from, to) => `más de ${percent(from)}, hasta ${percent(to)}`,
  histogram: (category) => `Cuántos dan cuánto a ${category}`,
  histogramText: (p25, p75, median) =>
    `Columnas para nada y para cada cinco por ciento. La mitad central de los repartos da entre ${percent(p25)} y ${percent(p75)}; la mediana es ${percent(median)}.`,

  bloc: 'Qué haría un bloque',
  blocText: (how) =>
    rich`Supongamos que llegara más gente y que todos dieran ${strong('todo a una sola categoría')}. Esto es lo que sería de cada cifra. Cualquiera puede mover una media pidiendo más de lo que quiere. Con el ${link('presupuesto veraz', how)} nadie gana nada así; pero no distingue a quien exagera de quien de verdad no quiere otra cosa, de modo que también puede moverse.`,
  blocSize: 'Tamaño del bloque, en comparación con todos los que se cuentan ahora',
  noSuchBloc: (sizes) =>
    `El tamaño de un bloque es ${anyOf(sizes.map((size) => percent(size * 100))).join('')}.`,
  blocChart: (size) => `Qué haría un bloque del ${percent(size * 100)} en cada categoría`,
  blocDescription:
    'En cada categoría, la media y el presupuesto veraz pasan de lo que son a lo que serían. Las cifras están debajo y en la tabla.',
  move: (now, after) => `${distance(now)} → ${percent1(after)}`,
  withBloc: 'con el bloque',
  aboutBloc:
    'Cada línea es un bloque distinto, que da todo a esa categoría. Se cuenta sin redondear: como tantos repartos más por cada cien que se cuentan.',

  stamp: (asOf, position, tier) =>
    rich`Datos del ${time(dateTime(asOf), asOf, 'asOf')}, posición ${moving(position, 'position')}, según ${tiers[tier]}.`,
  parked: (number) =>
    choose(number, {
      one: `${count(number)}\u00a0entrada del registro no se ha podido contar aún.`,
      other: `${count(number)}\u00a0entradas del registro no se han podido contar aún.`,
    }),
}
