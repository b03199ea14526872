import { expect, test } from 'vitest'
import type { Backend } from '../../backend/backend.ts'
import type { Drift, SnapshotRequest, WantedDrift } from '../../types/index.ts'
import { snapshotHandlers } from './snapshot.ts'

const LABELS = ['com.docker.compose.project=lamp']
const AHEAD = { Labels: LABELS, Networks: [], Volumes: [], Images: [], Ahead: true }
const DRIFT: Drift = { Path: 'hostname', Want: 'a', Got: 'b' }

/** An engine with so many containers; `looks` are answered when somebody does so. */
function engineOf(count: number) {
  const asked: string[] = []
  const refusals: ((error: Error) => void)[] = []
  const looks: ((drift: readonly Drift[]) => void)[] = []
  const containers = {
    idsOf: async () => Array.from({ length: count }, (_, at) => String(at)),
    planned: async (Id: string, drift: WantedDrift) => {
      asked.push(drift)
      return { Id }
    },
    drift: () =>
      new Promise((resolve, reject) => {
        looks.push(resolve)
        refusals.push(reject)
      }),
    beingLookedAt: async () => undefined,
  }
  const none = { list: async () => [], inspect: async () => undefined }
  const backend = {
    containers,
    networks: none,
    volumes: { ...none, list: async () => ({ Volumes: [] }) },
    images: none,
    system: { settled: async () => undefined, namesTold: () => undefined },
  } as unknown as Backend
  const { snapshot } = snapshotHandlers(backend)
  const connection = {}
  const ask = async (body: SnapshotRequest, by: object = connection): Promise<Record<string, unknown>> => ({
    ...(await snapshot({ body, connection: by } as unknown as Parameters<typeof snapshot>[0])),
  })
  const seen = (drift: readonly Drift[] = []): void => {
    for (const [at, tell] of looks.splice(0).entries()) tell(at === 3 ? drift : [])
  }
  const fail = (): void => refusals[3]?.(new Error('no such look'))
  return { ask, seen, fail, asked: () => asked.splice(0), looks }
}

test('of many containers is told what is known, and then that nothing has drifted', async () => {
  const { ask, seen, asked, looks } = engineOf(10)
  const ahead = await ask(AHEAD)
  expect(ahead).toMatchObject({ Begun: true, Containers: { length: 10 } })
  expect([asked(), looks.length]).toEqual([Array(10).fill('none'), 10])
  const found = ask({ ...AHEAD, Tag: String(ahead['Tag']) })
  seen()
  expect(await found).toEqual({ Tag: ahead['Tag'] })
  expect(asked(), 'nobody asks for the rest again').toEqual([])
})

test('what has drifted is told whole', async () => {
  const { ask, seen, asked } = engineOf(10)
  const { Tag } = await ask(AHEAD)
  asked()
  const found = ask({ ...AHEAD, Tag: String(Tag) })
  seen([DRIFT])
  await found
  expect(asked()).toEqual(Array(10).fill('seen'))
})

test('a look that fails is told to who asks what it has found', async () => {
  const { ask, fail } = engineOf(10)
  const { Tag } = await ask(AHEAD)
  fail()
  // Nobody has asked by then.
  await new Promise(setImmediate)
  await expect(ask({ ...AHEAD, Tag: String(Tag) })).rejects.toThrow('no such look')
})

test('a look is for the one who has begun it, for the same question, and once', async () => {
  for (const again of [
    async ({ ask }: ReturnType<typeof engineOf>, Tag: string) => ask({ ...AHEAD, Tag }, {}),
    async ({ ask }: ReturnType<typeof engineOf>, Tag: string) => ask({ ...AHEAD, Labels: ['a=b'], Tag }),
    async ({ ask }: ReturnType<typeof engineOf>, Tag: string) => {
      await ask({ ...AHEAD, Tag })
      return ask({ ...AHEAD, Tag })
    },
  ]) {
    const engine = engineOf(10)
    const { Tag } = await engine.ask(AHEAD)
    engine.asked()
    engine.seen()
    await again(engine, String(Tag))
    expect(engine.asked()).toEqual(Array(10).fill('seen'))
  }
})

test.each([
  ['few are looked at sooner', 9, AHEAD, 'seen'],
  ['who does not ask for it is told all at once', 10, { ...AHEAD, Ahead: false }, 'seen'],
  ['who knows the answer of before waits for the look', 10, { ...AHEAD, Tag: 'one' }, 'seen'],
  ['without a look there is nothing to be ahead of', 10, { ...AHEAD, Drift: false }, 'untold'],
])('%s', async (_, count, request, drift) => {
  const { ask, asked } = engineOf(count)
  expect(await ask(request)).not.toHaveProperty('Begun')
  expect(asked()).toEqual(Array(count).fill(drift))
})
