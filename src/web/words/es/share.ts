import type { share as Model } from '../en/share.ts'
import { formatFor } from '../format.ts'

const { all, choose, count, counted } = formatFor('es')

const submissions = { one: 'reparto', other: 'repartos' }

export const share: typeof Model = {
  heading: 'Compartir',
  leadResults: 'Enseñe a otras personas en qué gastaríamos todos juntos.',
  leadSubmission:
    'Enseñe este reparto a otras personas. El enlace muestra el reparto y el de todos: no dice de quién es, y con él nadie puede cambiar nada.',
  linkLabel: 'Enlace a esta página',
  script: { copied: 'Copiado', notCopied: 'No se ha podido copiar: selecciónelo y cópielo usted' },
  copy: 'Copiar',
  send: 'Compartir…',
  mail: 'Enviar por correo',
  more: 'Cartel, pantalla grande y widget',
  showPreview: 'Cómo se ve el enlace donde se comparte',

  title: (poll) => `Compartir: ${poll}`,
  description: (poll) =>
    `Enlaces, un cartel con código QR, una página para pantallas grandes y un widget para su propio sitio: ${poll}`,
  pageHeading: 'Compartir esta encuesta',
  links: 'Enlaces',
  linkForm: 'Al formulario',
  linkResults: 'A los resultados',
  meeting: 'En una reunión',
  meetingText:
    'Imprima el cartel o muestre la pantalla grande: sus cifras se mueven a medida que llegan los repartos.',
  meetingClosed: 'Muestre la pantalla grande o imprima el cartel: ambos llevan a los resultados finales.',
  toPoster: 'Cartel con código QR',
  toScreen: 'Pantalla grande',
  qrFile: (format) => `Código QR en ${format}`,
  embed: 'En su propio sitio',
  embedText:
    'El widget muestra el presupuesto colectivo tal como está, en claro y en oscuro. No pone cookies ni carga nada de terceros; sus enlaces se abren en otra pestaña.',
  snippet: 'Para pegar en su página',
  preview: 'El widget',

  pictureResults: (title, number, largest) =>
    `Gráfico de barras, media de ${counted(number, submissions)}: ${title} Lo que más recibe: ${all(largest)}.`,
  pictureNobody: (title) => `${title} Aún no se cuenta ningún reparto.`,
  pictureSubmission: (title, largest) =>
    `Gráfico de barras de un reparto, al lado de la media de todos: ${title} Lo que más recibe: ${all(largest)}.`,
  pictureForm: (title, number) => `${title} Reparta el 100\u00a0% entre ${count(number)} categorías.`,
  pictureWhat: (number) => `En qué gastaríamos todos · media de ${counted(number, submissions)}`,
  pictureSplit: 'Un reparto, al lado del de todos',
  pictureInvites: (number) => `Reparta el 100\u00a0% de sus impuestos entre ${count(number)} categorías`,
  andMore: (number) => `y ${count(number)} más`,

  widgetTitle: (poll) => `Widget: ${poll}`,
  widgetMeans: (number) => `Media de ${counted(number, submissions)}`,
  takePart: 'Haga su reparto',
  allResults: 'Todos los resultados',
  newTab: '(se abre en otra pestaña)',

  posterTitle: (poll) => `Cartel: ${poll}`,
  scan: 'Escanee el código y reparta sus impuestos',
  scanResults: 'Escanee el código y vea los resultados',
  orType: 'o abra esta dirección:',
  print: 'Imprimir',
  qrAlt: (address) => `Código QR que lleva a ${address}`,

  screenTitle: (poll) => `Pantalla grande: ${poll}`,
  /** Beside the number itself. */
  submissions: (number) => choose(number, submissions),
  screenHeading: 'En qué gastaríamos todos juntos',
  screenStill: 'Se vuelve a cargar cada 10 segundos.',
  fullScreen: 'Pantalla completa',
  key: 'Tecla F',
}
