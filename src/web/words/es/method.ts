import type { method as Model } from '../en/method.ts'
import { formatFor } from '../format.ts'
import { link, rich, strong } from '../rich.ts'

const { anyOf, percent } = formatFor('es')

export const method: typeof Model = {
  title: 'Método',
  description: 'Cómo se hacen las cifras de esta encuesta y cómo volver a contarlas todas.',
  heading: 'Cómo se hacen las cifras',
  lead: 'Cada cifra de estas páginas se obtiene de los repartos según una regla que usted puede leer aquí, y comprobar.',
  sections: (places) => [
    {
      id: 'sample',
      heading: 'Una encuesta abierta, no una muestra',
      blocks: [
        {
          text: rich`Cualquiera puede participar, y nadie ha sido elegido por sorteo. Los resultados dicen lo que quieren quienes han participado. No dicen lo que quiere un país entero, por muchos que participen, y por eso aquí no encontrará ningún «margen de error»: fingiría una precisión que una encuesta abierta no tiene.`,
        },
      ],
    },
    {
      id: 'counted',
      heading: 'Qué se cuenta',
      blocks: [
        {
          text: rich`Cada envío reparte el 100\u00a0% del dinero entre las categorías. Todos los que siguen en pie cuentan lo mismo, con su último reparto. Quien tiene el recibo puede cambiarlo, o retirarlo para siempre.`,
        },
        {
          text: rich`Un operador puede excluir un reparto que esté duplicado, que sea automático o de prueba, o que forme parte de una avalancha coordinada, y puede readmitirlo. Los repartos excluidos y los retirados no cuentan en ninguna parte, tampoco en el pasado del que formaban parte. Cuántos hay de unos y de otros se muestra siempre junto a los resultados.`,
        },
      ],
    },
    {
      id: 'collective',
      heading: 'El presupuesto colectivo',
      blocks: [
        {
          list: [
            rich`La ${strong('media')} es la cifra principal: todo lo que se da a una categoría, dividido entre el número de repartos. Las medias de todas las categorías suman el 100\u00a0%.`,
            rich`El ${strong('presupuesto veraz')} está a su lado: los mismos repartos, reunidos de tal modo que nadie gana nada exagerando. ${link('Cómo funciona', places.truthful)}`,
            rich`La ${strong('mediana')} está en el medio: tantos dan más como menos. Se pregunta por cada categoría por separado, así que las medianas no tienen por qué sumar nada, y no son un presupuesto.`,
            rich`${strong('Cuartas y décimas partes')}: el porcentaje más pequeño que no supera al menos esa parte de los repartos. La mitad central está entre la cuarta parte más baja y la más alta. Cuántos no dan nada se dice aparte, porque no dar nada es ya una opinión.`,
            rich`${strong('Menos, lo mismo, más')}: repartos por debajo, justo en el porcentaje o por encima del presupuesto real más reciente. Las fuentes están ${link('debajo de los resultados', `${places.results}#sources`)}.`,
          ],
        },
      ],
    },
    {
      id: 'apart',
      heading: 'Hasta qué punto difiere la gente',
      blocks: [
        {
          text: rich`Tome dos repartos. Una parte del dinero tendría que cambiar de categoría para convertir uno en el otro: esa parte, de 0 a 100\u00a0%, es su distancia. Calculamos la media entre todas las parejas de repartos distintos, con exactitud. En una sola categoría es la diferencia media entre dos porcentajes (la diferencia media de Gini); la mitad de lo que suman todas las categorías es el total (la entropía cuadrática de Rao).`,
        },
        {
          text: rich`La misma medida, entre su propio reparto y la media de todos o el presupuesto real, es el «dinero que usted cambiaría de sitio» de su propia página.`,
        },
      ],
    },
    {
      id: 'bloc',
      heading: 'Qué haría un bloque',
      blocks: [
        {
          text: rich`A los repartos que se cuentan les añadimos un ${anyOf(places.blocs.map((size) => percent(size * 100)))} más, que dan todo a una sola categoría, y volvemos a calcular cada cifra de esa categoría; después, lo mismo con la siguiente. Nada se estima.`,
        },
      ],
    },
    {
      id: 'own',
      heading: 'Dónde está usted',
      blocks: [
        {
          text: rich`En cada categoría: cuántos de todos los repartos dan menos que el suyo, lo mismo o más. «Más que el» es la parte que da menos, con la mitad de los que dan lo mismo. Desde el 90\u00a0% lo llamamos «cerca del máximo»; desde el 60\u00a0%, «por encima de la mayoría»; hasta el 40\u00a0%, «por debajo de la mayoría»; hasta el 10\u00a0%, «cerca del mínimo»; y si no, «en el medio».`,
        },
      ],
    },
    {
      id: 'exact',
      heading: 'Exactas, y de un momento',
      blocks: [
        {
          text: rich`Cada reparto, cada cambio y cada retirada es una entrada de un registro que solo crece. Se cuenta en centésimas enteras de un uno por ciento, y solo se redondea para mostrarlo. Cada página dice hasta qué posición del registro cuenta, y tiene un enlace permanente que siempre muestra exactamente esas cifras.`,
        },
      ],
    },
    {
      id: 'recount',
      heading: 'Vuelva a contarlas usted',
      blocks: [
        {
          text: rich`Cualquiera puede tener las filas que hay detrás de los resultados, sin nada que lleve a una persona (${link('qué contienen', places.privacy)}). Esto trae las de los resultados de ahora:`,
        },
        { code: places.fetch },
        {
          text: rich`Sin nada nuestro: la media de la primera categoría, en porcentaje.`,
        },
        { code: places.average },
        {
          text: rich`Con el código fuente de este programa, cada cifra publicada se vuelve a calcular solo a partir del fichero, y se compara con lo que publica este servicio:`,
        },
        { code: places.recount },
      ],
    },
  ],
}
