import type { ProgressEvent } from '../../../project/run-plan.ts'
import type { ProgressView } from './view.ts'

/** A view that draws over its own lines until others want to print, and is plain lines from then on. */
export function givingWay(drawn: Omit<ProgressView, 'giveWay'>, plain: ProgressView): ProgressView {
  let state: 'drawing' | 'ending' | 'plain' = 'drawing'
  /** What happens while the drawing ends must not be printed into it. */
  const held: ProgressEvent[] = []
  let ended: Promise<void> | undefined
  const giveWay = async (): Promise<void> => {
    state = 'ending'
    await drawn.finish()
    state = 'plain'
    for (const event of held.splice(0)) plain.onEvent(event)
  }
  return {
    onEvent: event => {
      if (state === 'drawing') drawn.onEvent(event)
      else if (state === 'ending') held.push(event)
      else plain.onEvent(event)
    },
    giveWay: () => {
      ended ??= giveWay()
      return ended
    },
    finish: () => {
      ended ??= giveWay()
      return ended
    },
  }
}
