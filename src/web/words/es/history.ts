import type { history as Model } from '../en/history.ts'

export const history: typeof Model = {
  heading: 'Sus repartos en este dispositivo',
  empty:
    'Este dispositivo no recuerda ninguno. Marque «Recordar en este dispositivo» al enviar y lo encontrará aquí.',
  lead: 'Solo este navegador sabe que son suyos.',
  status: { counted: 'contado', withdrawn: 'retirado', excluded: 'excluido' },
  unreadable: 'Un reparto que no se puede leer en este momento',
  aboutForgetting:
    'Al olvidarlos, esta lista y sus recibos se borran de este navegador. Los repartos se quedan como están, y ya no podrá cambiarlos desde aquí.',
  forget: 'Olvidarlos todos',
}
