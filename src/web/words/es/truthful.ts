import type { truthful as Model } from '../en/truthful.ts'
import { formatFor } from '../format.ts'
import { link, rich, strong } from '../rich.ts'

const { percent1, percent } = formatFor('es')

export const truthful: typeof Model = {
  title: 'El presupuesto veraz',
  description:
    'Un presupuesto colectivo que nadie puede acercar a sus deseos exagerando: así es como funciona.',
  heading: 'El presupuesto veraz',
  lead: 'Reúne los mismos repartos de tal modo que nadie puede acercar el resultado a lo que quiere pidiendo otra cosa.',
  people: ['Ana', 'Luis', 'Eva'],
  lineup: (category) => `Porcentajes para ${category}, en una línea`,
  lineupText: (middle) =>
    `Encima de la línea, lo que pide la gente; debajo, las marcas fijas. La del medio de las siete está en ${percent1(middle)}.`,
  category: 'parques',
  asks: 'lo que se pide',
  fixed: 'marcas fijas',
  middle: 'la del medio',
  sections: ({ wishes: [ana, luis, eva], mean, truthful, exaggerated, changed }, { results, method }) => [
    {
      id: 'mean',
      heading: 'Qué tiene de malo una media',
      blocks: [
        {
          text: rich`Tres personas reparten dinero entre parques y calles. Ana quiere para los parques un ${strong(percent(ana))}; Luis, un ${percent(luis)}; Eva, un ${percent(eva)}. La media es ${percent1(mean)}.`,
        },
        {
          text: rich`Ahora Ana pide un 100\u00a0%, que no es lo que quiere. La media salta a ${strong(percent1(exaggerated.mean))}, mucho más cerca del ${percent(ana)} que sí quiere. Quien lo sabe exagera, y quien es sincero cuenta menos.`,
        },
      ],
    },
    {
      id: 'how',
      heading: 'Cómo funciona',
      blocks: [
        {
          text: rich`Ponga en una línea lo que piden los tres. Añada unas marcas fijas, una más que personas hay, a distancias iguales entre 0 y 100\u00a0%. Tome entonces la que está en medio de todas: con siete marcas, la cuarta. Eso es ${strong(percent1(truthful))} para los parques; las calles reciben el resto.`,
        },
        { figure: 'honest' },
        {
          text: rich`Cuando Ana pide un 100\u00a0%, su marca se va más a la derecha. Ya estaba a la derecha de la del medio, y allí sigue: la del medio es la misma, ${strong(percent1(exaggerated.truthful))}. Solo podría moverla cruzándola, y eso la alejaría de lo que quiere.`,
        },
        { figure: 'exaggerated' },
        {
          text: rich`Con más de dos categorías, cada una tiene su propia línea, y todas tienen las mismas marcas. Estas se juntan o se separan, igual en todas las líneas, hasta que las del medio suman el 100\u00a0%.`,
        },
      ],
    },
    {
      id: 'who',
      heading: 'Quién puede moverlo y quién no',
      blocks: [
        {
          list: [
            rich`Quienes ${strong('cambian de opinión')} pueden: si Luis llegara a querer un ${percent(changed.wish)} para los parques, el resultado sería ${percent1(changed.truthful)}.`,
            rich`${strong('El número')} puede: donde cada cual lo da todo a una categoría, cada una recibe una parte tan grande como la gente que tiene. La media da entonces lo mismo.`,
            rich`${strong('Exagerar')} no sirve: hagan lo que hagan los demás, nadie acerca el resultado a lo que quiere pidiendo otra cosa. «Acercar» quiere decir que tendría que cambiar de sitio menos dinero.`,
          ],
        },
      ],
    },
    {
      id: 'limits',
      heading: 'Lo que no promete',
      blocks: [
        {
          list: [
            rich`La promesa vale para cada persona por separado, no para quienes se ponen de acuerdo sobre lo que van a pedir.`,
            rich`No puede saber si alguien participa dos veces. Para eso excluyen repartos los operadores, y su número es público.`,
            rich`Un bloque de gente que no quiere otra cosa que una categoría cuenta, y puede moverlo. Cuánto, se ve ${link('con los resultados', `${results}#bloc`)}.`,
            rich`No es el presupuesto del que todos juntos están más cerca. El artículo de abajo demuestra que ninguno de su clase es eso y además proporcional.`,
          ],
        },
      ],
    },
    {
      id: 'source',
      heading: 'De dónde viene',
      blocks: [
        {
          text: rich`Es el mecanismo de «mercados independientes» de Rupert Freeman, David M. Pennock, Dominik Peters y Jennifer Wortman Vaughan, «Truthful aggregation of budget proposals», Journal of Economic Theory 193 (2021), ${link('arXiv 1905.00457', 'https://arxiv.org/abs/1905.00457')}. Allí están las demostraciones.`,
        },
        {
          text: rich`Lo calculamos con exactitud, como fracción, a partir de cuántos dan cuánto. ${link('Cómo volver a contarlo, y todas las demás cifras', `${method}#recount`)}`,
        },
      ],
    },
  ],
}
