import { expect, test } from 'vitest'
import { EventBus } from './bus.ts'
import { streamEvents } from './stream.ts'

function publishThree(bus: EventBus): void {
  bus.publish({
    type: 'container',
    action: 'start',
    id: 'c1',
    attributes: { image: 'bb', name: 'web', tier: 'front' },
  })
  bus.publish({ type: 'container', action: 'health_status: healthy', id: 'c1', attributes: { name: 'web' } })
  bus.publish({ type: 'network', action: 'create', id: 'n1', attributes: { name: 'front' } })
}

async function actionsOf(filters: Record<string, string[]>): Promise<string[]> {
  const bus = new EventBus()
  publishThree(bus)
  const actions: string[] = []
  const until = BigInt(Date.now() + 1) * 1_000_000n
  for await (const event of streamEvents(bus, { filters, since: 0n, until }, new AbortController().signal))
    actions.push(event.Action)
  return actions
}

test.each([
  [{}, ['start', 'health_status: healthy', 'create']],
  [{ type: ['network'] }, ['create']],
  [JSON.parse('{"__proto__":["a"],"constructor":["a"]}'), ['start', 'health_status: healthy', 'create']],
  [{ event: ['health_status'] }, ['health_status: healthy']],
  [{ event: ['start', 'create'] }, ['start', 'create']],
  [{ label: ['tier=front'] }, ['start']],
  [{ container: ['web'], event: ['start'] }, ['start']],
  [{ nosuch: ['1'], event: ['start'] }, ['start']],
  [{ service: ['web'] }, []],
])('filter %j', async (filters, actions) => {
  expect(await actionsOf(filters)).toEqual(actions)
})

test('events of one instant keep their order', () => {
  const bus = new EventBus(() => 1_000_000_000n)
  publishThree(bus)
  const times = bus.past(0n).map(event => event.timeNano)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('a client that goes ends its stream and is forgotten', async () => {
  const bus = new EventBus()
  const abort = new AbortController()
  const stream = streamEvents(bus, { filters: {} }, abort.signal)
  expect(bus.listeners).toBe(1)
  publishThree(bus)
  abort.abort()
  const got: string[] = []
  for await (const event of stream) got.push(event.Type)
  expect(got).toHaveLength(3)
  expect(bus.listeners).toBe(0)
})
