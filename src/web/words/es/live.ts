import type { live as Model } from '../en/live.ts'

export const live: typeof Model = {
  still: 'Vuelva a cargar la página para ver cifras más recientes.',

  script: {
    live: 'En directo, actualizado a las {time}',
    polling: 'Se comprueba cada {seconds} segundos, actualizado a las {time}',
    lost: 'Sin conexión en directo, se sigue intentando. Cifras de las {time}',
    paused: 'En pausa. Cifras de las {time}',
    outdated: 'Hay una versión más nueva de esta página: vuelva a cargarla',
    pause: 'Pausar',
    goOn: 'Reanudar',
    counted: { one: 'Se cuenta {number} reparto.', other: 'Se cuentan {number} repartos.' },
  },
}
