import type { EventMessage, Filters } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { matchesLabels } from '../words/filters.ts'

type Match = (event: EventMessage, values: readonly string[]) => boolean

/** Whether an event passes `filters`: values of one key are alternatives, keys must all hold (labels: every value). */
export function matchesEvent(event: EventMessage, filters: Filters): boolean {
  return Object.entries(filters).every(([key, values]) => {
    const match = MATCHES[key]
    if (match === undefined) {
      throw failure({
        code: 'FILTER_INVALID',
        kind: 'invalidArgument',
        summary: `event filter "${key}" does not exist`,
        facts: { filter: key },
        hint: `filters are ${Object.keys(MATCHES).join(', ')}`,
      })
    }
    return values.length === 0 || match(event, values)
  })
}

const byActor =
  (type: EventMessage['Type'], nameOf: string): Match =>
  (event, values) =>
    event.Type === type &&
    values.some(value => event.Actor.ID.startsWith(value) || event.Actor.Attributes[nameOf] === value)

const MATCHES: Readonly<Record<string, Match>> = {
  type: (event, values) => values.includes(event.Type),
  // `health_status: healthy` and `exec_create: sh` are found by the word before the colon too.
  event: (event, values) =>
    values.some(value => event.Action === value || event.Action.startsWith(`${value}:`)),
  label: (event, values) => matchesLabels(event.Actor.Attributes, values),
  container: (event, values) => byActor('container', 'name')(event, values),
  network: (event, values) => byActor('network', 'name')(event, values),
  volume: (event, values) => event.Type === 'volume' && values.includes(event.Actor.ID),
  image: (event, values) =>
    values.some(value =>
      event.Type === 'image'
        ? event.Actor.ID === value || event.Actor.Attributes['name'] === value
        : event.Actor.Attributes['image'] === value,
    ),
  scope: (event, values) => values.includes(event.scope),
  daemon: event => event.Type === 'daemon',
}
