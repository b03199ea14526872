import type { EventMessage, Filters } from '../../api/types/index.ts'
import { matchesLabels } from '../words/filters.ts'

type Match = (event: EventMessage, values: readonly string[]) => boolean

/**
 * Whether an event passes `filters`: values of one key are alternatives, keys must all hold (labels: every value). A key
 * that there is not passes everything, as with Docker, which checks the filters of lists alone.
 */
export function matchesEvent(event: EventMessage, filters: Filters): boolean {
  return Object.entries(filters).every(
    ([key, values]) =>
      values.length === 0 || !Object.hasOwn(MATCHES, key) || MATCHES[key]?.(event, values) === true,
  )
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
  // There is no swarm and there are no plugins, so nothing is told of them.
  ...Object.fromEntries(['plugin', 'service', 'node', 'secret', 'config'].map(key => [key, () => false])),
}
