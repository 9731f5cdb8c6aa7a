import type { Tier } from '../../../queries/results.ts'
import type { results as Model } from '../en/results.ts'
import { formatFor } from '../format.ts'
import { rich, strong, time } from '../rich.ts'

const { choose, count, counted, dateTime, percent, percent1 } = formatFor('es')

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
  collectiveText: rich`La barra es la ${strong('media')} de todos los repartos. El rombo es el ${strong('presupuesto veraz')}: los mismos repartos, reunidos de tal modo que nadie puede acercar el resultado a sus deseos exagerando. Donde los dos se separan mucho, los repartos extremos mueven la media.`,
  truthfulBudget: 'Presupuesto veraz',
  chart: (number) =>
    `La media de ${counted(number, submissions)} en cada categoría, con el presupuesto veraz. La tabla de abajo tiene todas las cifras.`,
  chartWith: (number, baseline) =>
    `La media de ${counted(number, submissions)} en cada categoría, con el presupuesto veraz y con: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  table: 'El presupuesto colectivo en cifras',
  mean: 'Media',
  truthful: 'Veraz',
  median: 'Mediana',
  middleHalf: 'Mitad central',
  toTrends: 'Cómo ha cambiado con el tiempo: evolución',
  rounding:
    'Las medias y los porcentajes veraces se redondean de modo que cada columna sume 100\u00a0%. Las medianas no tienen por qué sumar nada: responden a cada categoría por separado. La mitad central deja fuera la cuarta parte que da menos y la cuarta parte que da más.',

  spread: 'Hasta qué punto difiere la gente',
  spreadText:
    'En cada categoría, cuántos repartos dan cuánto: la primera columna es nada en absoluto; cada una de las demás, un cinco por ciento. Debajo de las columnas, la caja es la mitad central, con la mediana marcada, y la línea deja fuera la décima parte más baja y la más alta.',
  nowIs: (baseline) => `«Ahora» es: ${baseline}.`,
  averages: (mean, median) => rich`Media: ${strong(percent1(mean))}; mediana: ${strong(percent(median))}.`,
  zeros: (number) =>
    choose(number, {
      one: `${count(number)}\u00a0no da nada.`,
      other: `${count(number)}\u00a0no dan nada.`,
    }),
  thanNow: (now, more, same, less) =>
    choose(more, {
      one: `En comparación con ahora (${percent1(now)}): ${count(more)}\u00a0quiere más, ${count(same)} lo mismo y ${count(less)} menos.`,
      other: `En comparación con ahora (${percent1(now)}): ${count(more)}\u00a0quieren más, ${count(same)} lo mismo y ${count(less)} menos.`,
    }),
  showTable: 'Tabla',
  tableFor: (category) => `Tabla de ${category}`,
  distribution: (category) => `Distribución de ${category}`,
  shareGiven: 'Porcentaje dado',
  submissions: 'Repartos',
  lowestTenth: 'Décima parte más baja, hasta',
  highestTenth: 'Décima parte más alta, desde',
  slice: (from, to) => `más de ${percent(from)}, hasta ${percent(to)}`,
  histogram: (category) => `Cuántos dan cuánto a ${category}`,
  histogramText: (p25, p75, median) =>
    `Columnas para nada y para cada cinco por ciento. La mitad central de los repartos da entre ${percent(p25)} y ${percent(p75)}; la mediana es ${percent(median)}.`,

  stamp: (asOf, position, tier) =>
    rich`Datos del ${time(dateTime(asOf), asOf)}, posición ${position}, según ${tiers[tier]}.`,
  parked: (number) =>
    choose(number, {
      one: `${count(number)}\u00a0entrada del registro no se ha podido contar aún.`,
      other: `${count(number)}\u00a0entradas del registro no se han podido contar aún.`,
    }),
}
