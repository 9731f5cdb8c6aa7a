import type { comparison as Model } from '../en/comparison.ts'
import { formatFor } from '../format.ts'

const { counted, percent } = formatFor('es')

export const comparison: typeof Model = {
  aboutMoving:
    'Cuánto dinero tendría que cambiar de categoría para convertir un reparto en el otro: un 0\u00a0% es el mismo reparto; un 100\u00a0%, uno que no tiene nada en común con él.',
  yours: {
    heading: 'Dónde está usted',
    text: 'En cada categoría, cuántos de todos los repartos le dan menos que usted, lo mismo o más. El suyo está entre los que dan lo mismo en cuanto se cuenta.',
  },
  somebodys: {
    heading: 'Dónde está este reparto',
    text: 'En cada categoría, cuántos de todos los repartos le dan menos que este, lo mismo o más. Este mismo está entre los que dan lo mismo en cuanto se cuenta.',
  },
  give: { less: 'Dan menos', same: 'Dan lo mismo', more: 'Dan más' },
  part: (name, share) =>
    ({
      less: `${percent(share)} da menos`,
      same: `${percent(share)} lo mismo`,
      more: `${percent(share)} da más`,
    })[name],
  place: (percentile) => {
    if (percentile >= 0.9) return 'cerca del máximo'
    if (percentile >= 0.6) return 'por encima de la mayoría'
    if (percentile > 0.4) return 'en el medio'
    return percentile > 0.1 ? 'por debajo de la mayoría' : 'cerca del mínimo'
  },
  standing: 'En palabras',
  chart: (number) =>
    `${counted(number, { one: 'reparto', other: 'repartos' })}, divididos entre los que dan menos, lo mismo y más. La tabla de abajo tiene todas las cifras.`,
  table: 'Cuántos dan menos, lo mismo y más',
}
