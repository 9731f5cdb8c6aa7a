import type { problems as Model } from '../en/problems.ts'
import { formatFor } from '../format.ts'

const { dateTime } = formatFor('es')

const again = 'Vuelva a intentarlo dentro de un momento, por favor.'

const pages: (typeof Model)['pages'] = {
  MALFORMED_REQUEST: { title: 'La solicitud no se ha podido leer' },
  NOT_AN_OPERATOR: { title: 'Para esto hace falta la clave de un operador' },
  WRONG_RECEIPT: {
    title: 'El recibo no corresponde a este reparto',
    advice: 'Solo quien tiene el recibo puede cambiar un reparto. Escríbalo en la página del reparto.',
  },
  NOT_FOUND: {
    title: 'No hay nada en esta dirección',
    advice: 'Puede que la dirección esté mal escrita o que la página haya cambiado de sitio.',
  },
  POLL_NOT_FOUND: { title: 'No existe esa encuesta' },
  SUBMISSION_NOT_FOUND: {
    title: 'No existe ese reparto',
    advice: 'Si acaba de enviarlo, espere un momento y vuelva a cargar esta página.',
  },
  PROJECTION_NOT_FOUND: { title: 'No existe esa proyección' },
  PARKED_EVENT_NOT_FOUND: { title: 'Ningún suceso así espera a un operador' },
  POSITION_NOT_FOUND: { title: 'El registro aún no ha llegado hasta ahí' },
  METHOD_NOT_ALLOWED: { title: 'Esta dirección no admite ese método' },
  NOT_ACCEPTABLE: { title: 'No existe en ninguno de los formatos que usted acepta' },
  POLL_CLOSED: {
    title: 'La encuesta está cerrada',
    advice: 'Ya no admite más repartos, pero sus resultados se conservan.',
  },
  POLL_OPEN: { title: 'La encuesta ya está abierta' },
  POLL_EXISTS: { title: 'Ya hay una encuesta con este nombre y otro contenido' },
  SUBMISSION_WITHDRAWN: { title: 'El reparto se ha retirado' },
  SUBMISSION_EXCLUDED: { title: 'Un operador ha apartado este reparto' },
  SUBMISSION_CHANGED: { title: 'El reparto se ha cambiado muchas veces a la vez', advice: again },
  BUILD_EXISTS: { title: 'Esta proyección ya se está reconstruyendo' },
  NO_BUILD: { title: 'Esta proyección no se está reconstruyendo' },
  BUILD_NOT_READY: { title: 'La nueva versión aún no está lista' },
  NO_ROLLBACK: { title: 'No hay ninguna versión anterior a la que volver' },
  STALE_PAGE: {
    title: 'Algo ha cambiado desde que se mostró esta página',
    advice: 'Vuelva a cargarla, por favor.',
  },
  BODY_TOO_LARGE: {
    title: 'La solicitud es demasiado grande',
    advice: 'Lo que se ha enviado es mucho más grande de lo que puede ser este formulario.',
  },
  UNSUPPORTED_MEDIA_TYPE: { title: 'Esta página solo admite lo que envía su propio formulario' },
  INVALID_ALLOCATION: { title: 'El reparto no suma lo debido' },
  INVALID_REQUEST: { title: 'Esto no se puede mostrar' },
  IDEMPOTENCY_KEY_REUSED: { title: 'Este formulario ya se ha enviado con otros porcentajes' },
  TOO_MANY_REQUESTS: {
    title: 'Demasiadas solicitudes',
    advice: 'Espere un poco y vuelva a intentarlo, por favor.',
  },
  INTERNAL_ERROR: { title: 'Algo ha fallado por nuestra parte', advice: again },
  EVENT_LOG_UNAVAILABLE: {
    title: 'En este momento no se puede acceder al registro de repartos',
    advice: 'Mientras tanto se pueden seguir leyendo los resultados.',
  },
  RESULTS_UNAVAILABLE: {
    title: 'En este momento no se pueden leer los resultados',
    advice:
      'No se ha perdido nada y se siguen admitiendo repartos. Vuelva a intentarlo dentro de un momento, por favor.',
  },
  SUBMISSIONS_UNAVAILABLE: { title: 'En este momento no se pueden leer los repartos', advice: again },
  EXPORT_BUSY: { title: 'Hay demasiadas descargas en curso en este momento', advice: again },
  REPLAY_BUSY: { title: 'Se está recalculando demasiado historial en este momento', advice: again },
}

export const problems: typeof Model = {
  pages,
  newestPosition: (position) => `La posición más reciente es ${position}.`,
  notYet: 'En ese momento aún no existía.',
  castLater: (instant, position) =>
    `Aún no se había enviado: se envió por primera vez el ${dateTime(instant)}, en la posición ${position}.`,
  noSuchNumber: 'Compruebe el enlace: ningún reparto tiene ese número.',
  reportNumber: (number) =>
    `Su solicitud no tiene nada de malo. Si vuelve a ocurrir, comuníquelo con el número ${number}.`,
  countsOnce:
    'No se ha perdido nada de lo que se confirmó. Vuelva a intentarlo dentro de un momento: lo mismo, repetido, se cuenta una sola vez.',
  notYours: (submission) => `Este navegador no tiene el recibo del reparto ${submission}.`,
  changedMeanwhile:
    'Ha cambiado desde que se mostró esta página, quizá en otra pestaña. Vuelva y mírelo otra vez, por favor.',
  closedStays: 'Los repartos de una encuesta cerrada se quedan como están.',
  otherSite: 'Procede de una página de otro sitio. Use el formulario de aquí, por favor.',
  kept: 'Lo que escribió se conserva en esta página.',
  sendAgain: 'Volver a enviarlo',
}
