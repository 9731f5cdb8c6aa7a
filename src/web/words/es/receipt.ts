import type { receipt as Model } from '../en/receipt.ts'
import { formatFor } from '../format.ts'

const { dateTime } = formatFor('es')

export const receipt: typeof Model = {
  copy: 'Copiar el recibo',
  save: 'Guardar como archivo',
  print: 'Imprimir esta página',
  link: 'Su enlace privado',
  aboutLink:
    'Abierto en cualquier dispositivo, le permite cambiar o retirar este reparto. Quien lo tenga podrá hacerlo: no lo comparta.',
  copyLink: 'Copiar el enlace',
  script: {
    copied: 'Copiado.',
    notCopied: 'No se ha podido copiar. Selecciónelo y cópielo a mano, por favor.',
  },
  heading: 'Cambiar o retirar su reparto',
  lead: 'Escriba el recibo que obtuvo al enviar. Demuestra que el reparto es suyo.',
  fileName: (submission) => `recibo-${submission.slice(0, 8)}.txt`,
  file: ({ poll, submission, instant, receipt: proof, page, link }) => [
    `Recibo: ${poll}`,
    '',
    `Recibo:               ${proof}`,
    `Reparto:              ${submission}`,
    `Enviado primera vez:  ${dateTime(instant)}`,
    `Su página:            ${page}`,
    '',
    'Para cambiarlo o retirarlo, abra este enlace o escriba el recibo en su página.',
    'Quien lo tenga podrá hacerlo: no lo comparta.',
    '',
    link,
    '',
  ],
}
