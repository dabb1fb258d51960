import { svg } from '../dom'

const WIDTH = 90
const HEIGHT = 20

/** A small line without axes; what it shows is said beside it. */
export function sparkline(values: number[]): SVGElement {
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const x = (index: number) => (values.length < 2 ? WIDTH / 2 : 2 + (index / (values.length - 1)) * (WIDTH - 4))
    const y = (value: number) => (high === low ? HEIGHT / 2 : 2 + ((high - value) / (high - low)) * (HEIGHT - 4))
    const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`)
    const last = values.length - 1
    return svg(
        'svg',
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: 'spark', 'aria-hidden': 'true' },
        svg('polyline', { points: points.join(' ') }),
        last >= 0 && svg('circle', { cx: x(last), cy: y(values[last]!), r: 2 }),
    )
}
