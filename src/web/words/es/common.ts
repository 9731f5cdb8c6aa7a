import type { common as Model } from '../en/common.ts'
import { formatFor } from '../format.ts'
import { rich } from '../rich.ts'

const { anyOf, choose, count } = formatFor('es')

export const common: typeof Model = {
  site: 'Reparto de impuestos',
  description:
    'Reparta sus impuestos como usted los gastaría y compare su reparto con el de todos y con el presupuesto real.',
  skip: 'Ir al contenido',
  pages: 'Páginas',
  form: 'Su reparto',
  results: 'Resultados',
  trends: 'Evolución',
  history: 'Historial',
  languages: 'Idioma',
  openPoll: 'Una encuesta abierta, no una muestra.',
  footPoll: 'Una encuesta abierta, no una muestra: dice lo que quieren quienes han participado.',
  footPrivacy: 'Guardamos cada reparto y su hora. Ni nombre, ni dirección, ni nada sobre su dispositivo.',
  mistakes: (number) =>
    choose(number, { one: 'Revise una cosa, por favor', other: `Revise ${count(number)} cosas, por favor` }),
  category: 'Categoría',
  difference: 'Diferencia',
  meanOfAll: 'Media de todos',
  goToForm: 'Ir al formulario',
  goBack: 'Volver',
  seeResults: 'Ver los resultados',
  sources: 'De dónde salen los presupuestos reales',
  takeAway: 'Llevarse los datos',
  takeAwayText: (position, files) =>
    rich`Todos los repartos que se cuentan aquí, sin nombres ni direcciones, tal como estaban en la posición ${position}: ${anyOf(files)}. Con ellos se puede volver a calcular todo lo que hay en esta página.`,
}
