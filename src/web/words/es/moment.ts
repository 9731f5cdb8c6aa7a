import type { moment as Model } from '../en/moment.ts'
import { formatFor } from '../format.ts'
import { link, rich, strong, time } from '../rich.ts'

const { dateTime } = formatFor('es')

export const moment: typeof Model = {
  another: 'Otro momento',
  resultsThen: 'El presupuesto colectivo tal como estaba en este momento, en UTC',
  yoursThen: 'Su reparto tal como estaba en este momento, en UTC',
  oneThen: 'Este reparto tal como estaba en este momento, en UTC',
  show: 'Mostrarlo',
  backToNow: 'Volver al presente',
  permanent: 'Enlace permanente: siempre muestra exactamente estas cifras',
  past: 'Esto es el pasado',
  asOfTime: (instant, now) =>
    rich`Muestra cómo estaban las cosas el ${strong([time(dateTime(instant), instant)])}. ${link('Volver al presente', now)}`,
  asOfPosition: (position, instant, now) =>
    rich`Muestra cómo estaban las cosas en la posición ${strong(position)} del registro, el ${time(dateTime(instant), instant)}. ${link('Volver al presente', now)}`,
  future: 'Ese momento aún no ha llegado.',
  before1970: 'Eso es anterior a 1970, y anterior a todo esto.',
  notATime: 'Escriba el momento como día y hora, por ejemplo 2026-11-23T10:00.',
  notAPosition: 'Una posición es un número entero.',
}
