import type { privacy as Model } from '../en/privacy.ts'
import { link, rich, strong } from '../rich.ts'

export const privacy: typeof Model = {
  title: 'Privacidad',
  description: 'Qué guarda de usted esta encuesta: su reparto y su hora. Ni nombre ni dirección.',
  heading: 'Qué guardamos y qué no',
  lead: 'Su reparto y su hora. Ni nombre, ni dirección, ni nada sobre su dispositivo.',
  sections: ({ history, method, results }) => [
    {
      id: 'kept',
      heading: 'Qué se guarda de un reparto',
      blocks: [
        {
          list: [
            rich`${strong('Su reparto')}: cuánto da usted a cada categoría, y cuánto daba antes, si lo cambia.`,
            rich`${strong('Cuándo')} se envió, se cambió o se retiró.`,
            rich`${strong('Cómo llegó')}: por el formulario, por un programa o en un fichero.`,
            rich`${strong('Dos cosas del formulario')}, para ver si influyen en la gente: en qué orden mostró las categorías y si antes se habían visto los resultados.`,
            rich`${strong('Una huella de su recibo')} (SHA-256). El recibo mismo no se guarda: podemos comprobarlo cuando usted lo trae, pero no dárselo a nadie, ni volver a encontrárselo a usted.`,
          ],
        },
        {
          text: rich`Todo esto se guarda para siempre, porque cada cifra debe poder volver a contarse. Nada de ello dice quién es usted.`,
        },
      ],
    },
    {
      id: 'not-kept',
      heading: 'Qué no se guarda',
      blocks: [
        {
          list: [
            rich`Ni nombre, ni correo electrónico, ni cuenta, ni texto libre.`,
            rich`Ninguna dirección de red (IP) ni nada sobre su navegador o su dispositivo, en ningún registro ni fichero de actividad de este servicio. Como cualquier página, esta llega por una red: quien la gestiona, o un proveedor intermedio, puede ver que usted ha estado aquí, aunque no lo que ha enviado, si la dirección empieza por https.`,
            rich`Ningún tercero: estas páginas no cargan nada de nadie más, y a nadie se le dice que usted ha estado aquí. Ni publicidad, ni recuento de visitas.`,
          ],
        },
      ],
    },
    {
      id: 'published',
      heading: 'Qué puede ver todo el mundo',
      blocks: [
        {
          text: rich`Los resultados, y cada uno de los repartos que hay detrás: con sus horas, su posición en el registro y un seudónimo. El seudónimo se forma a partir del recibo, y nada en una fila lleva a la página del reparto. Al revés sí: quien tiene la dirección de la página ve allí el reparto y sus horas, y con ellos encuentra su fila. ${link('Los ficheros', `${results}#downloads`)} sirven para volver a contar: ${link('cómo', `${method}#recount`)}.`,
        },
        {
          text: rich`La página de un reparto la puede abrir cualquiera que tenga su dirección. La dirección no se puede adivinar ni está en ninguna lista; si usted la comparte, comparte su reparto, con sus horas, lo que era antes de que lo cambiara y su fila en los ficheros.`,
        },
      ],
    },
    {
      id: 'device',
      heading: 'Qué guarda su navegador',
      blocks: [
        {
          list: [
            rich`El recibo de lo que acaba de enviar, durante una hora, en una cookie (receipt).`,
            rich`Sus repartos y sus recibos, durante un año, en una cookie (remembered), si usted lo pide en el formulario. ${link('Ver la lista, y hacer que la olvide', history)}`,
            rich`Un número al azar para su formulario, para que lo que se envíe dos veces cuente una; si ha visto los resultados; y el número de lo último que envió: hasta que cierre el navegador, en una cookie (forms).`,
            rich`Un formulario a medio rellenar (draft), en su propia pestaña, hasta que se envía o se cierra la pestaña. Para revisarlo nos llega y vuelve a usted: hasta que lo envía definitivamente no guardamos nada de él.`,
            rich`Que una pestaña ha mostrado los resultados (seen), hasta que se cierra; y que usted prefiere los deslizadores (sliders), hasta que los oculta.`,
          ],
        },
        {
          text: rich`Solo este sitio puede leerlo. No hay nada más, ni nada que le siga.`,
        },
      ],
    },
    {
      id: 'rights',
      heading: 'Cambiar de opinión',
      blocks: [
        {
          text: rich`Con el recibo puede usted cambiar su reparto mientras la encuesta esté abierta, o retirarlo: desde entonces no cuenta, y no lo muestran ni su página ni los ficheros nuevos. Pero el registro no olvida nada: lo que usted había enviado sigue en él, para que los resultados anteriores puedan volver a contarse, y puede verlo quien pregunte por un momento en el que contaba. Sin el recibo nadie puede hacer ni lo uno ni lo otro, tampoco nosotros, porque nada nos dice cuál es el suyo.`,
        },
      ],
    },
  ],
}
