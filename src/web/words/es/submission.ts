import type { submission as Model } from '../en/submission.ts'
import { formatFor } from '../format.ts'
import { rich, time } from '../rich.ts'

const { counted, dateTime } = formatFor('es')

const yours: (typeof Model)['yours'] = {
  heading: 'Su reparto, al lado del de todos',
  split: 'Su reparto',
  moved: 'Dinero que usted cambiaría de sitio',
  chart: 'Su reparto en cada categoría. La tabla de abajo tiene todas las cifras.',
  chartWithMean:
    'Su reparto en cada categoría, con la media de todos. La tabla de abajo tiene todas las cifras.',
  chartWithBaseline: (baseline) =>
    `Su reparto en cada categoría, y además: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  chartWithBoth: (baseline) =>
    `Su reparto en cada categoría, con la media de todos, y además: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  table: 'Su reparto en cifras',
}

const somebodys: (typeof Model)['somebodys'] = {
  heading: 'Un reparto, al lado del de todos',
  split: 'Este reparto',
  moved: 'Dinero que este reparto cambiaría de sitio',
  chart: 'Este reparto en cada categoría. La tabla de abajo tiene todas las cifras.',
  chartWithMean:
    'Este reparto en cada categoría, con la media de todos. La tabla de abajo tiene todas las cifras.',
  chartWithBaseline: (baseline) =>
    `Este reparto en cada categoría, y además: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  chartWithBoth: (baseline) =>
    `Este reparto en cada categoría, con la media de todos, y además: ${baseline}. La tabla de abajo tiene todas las cifras.`,
  table: 'Este reparto en cifras',
}

export const submission: typeof Model = {
  yours,
  somebodys,
  withdrawnHeading: 'Un reparto retirado',
  withdrawn: 'Quien envió este reparto lo ha retirado: ya no cuenta ni se muestra.',
  withdrawnThen: 'Quien envió este reparto lo había retirado: ya no contaba, y no se muestra.',
  excluded: 'Un operador ha apartado este reparto: en este momento no cuenta.',
  excludedThen: 'Un operador había apartado este reparto: entonces no contaba.',
  thanks: 'Gracias: su reparto está guardado y cuenta',
  aboutReceipt:
    'Este es su recibo. Es la única prueba de que el reparto es suyo, y no se muestra a nadie más: cópielo si quizá quiera cambiarlo o retirarlo desde otro dispositivo.',
  aboutReceiptClosed:
    'Este es su recibo. Es la única prueba de que el reparto es suyo, y no se muestra a nadie más. La encuesta está cerrada: su reparto sigue en los resultados, y ya no puede cambiarlo ni retirarlo.',
  receipt: 'Recibo:',
  remembered: 'Este dispositivo lo recuerda; encontrará esta página en «Historial».',
  forgotten: 'Este navegador lo olvida al cabo de una hora.',
  noResults:
    'En este momento no se pueden leer los resultados de todos. Vuelva a cargar esta página dentro de un rato.',
  pending:
    'Los resultados de abajo son de justo antes de este reparto. Vuelva a cargar la página dentro de un momento y ya estará en ellos.',
  comparedWith: (baseline) => `en comparación con: ${baseline}`,
  comparedWithMean: (number) =>
    `en comparación con: media de ${counted(number, { one: 'reparto', other: 'repartos' })}`,
  beside: 'Categoría por categoría',
  higherThan: 'Más que el',
  differences: 'Las diferencias están en puntos porcentuales, respecto a la columna anterior.',
  aboutHigherThan:
    '«Más que el» es la parte de todos los repartos que dan menos a la categoría, con la mitad de los que le dan lo mismo.',
  everyones: 'Ver los resultados de todos',
  changeMind: 'Cambiar de opinión',
  change: 'Cambiar este reparto',
  withdraw: 'Retirarlo',
  aboutWithdrawing:
    'Un reparto retirado deja de contar para siempre, y esta página ya no lo muestra. Que se retiró queda en los recuentos públicos, y lo que era, en los resultados y ficheros de momentos anteriores.',
  withdrawForGood: 'Retirar para siempre',
  isItYours: '¿Es suyo? Cámbielo o retírelo con el recibo',
  receiptField: 'Recibo',
  showOptions: 'Mostrar mis opciones',
  stamp: (id, instant) =>
    rich`Reparto ${id}, enviado por primera vez el ${time(dateTime(instant), instant)}.`,
}
