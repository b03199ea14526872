import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { type Program, RecordingNative, type RunReply, type SetupOp } from '../../native/index.ts'
import { Looks } from './looks.ts'

const look = (name: string): SetupOp[] => [
  { op: 'openNetns', path: `/proc/${name}/fd/100` },
  { op: 'netlinkDump', netns: 'container', bytes: Buffer.from(name) },
]

/** Gives back the bytes of each list that is asked for; fails where a namespace is gone. */
function answer({ setup = [] }: Program): Partial<RunReply> {
  if (setup.some(op => op.op === 'openNetns' && op.path.includes('gone')))
    throw failure({ code: 'NATIVE_FAILED', summary: 'no such process' })
  return {
    results: new Map(
      setup.flatMap((op, at) => (op.op === 'netlinkDump' ? [[at, Buffer.from(op.bytes)] as const] : [])),
    ),
  }
}

function looksOf(processors = 2): {
  native: RecordingNative
  ask: (ops: SetupOp[]) => Promise<string[] | undefined>
} {
  const native = new RecordingNative({ run: answer })
  const looks = new Looks(native, processors)
  return { native, ask: async ops => (await looks.ask(ops))?.map(String) }
}

test('what is asked for in one moment is one program, and each has its own answers', async () => {
  const { native, ask } = looksOf()
  expect(await Promise.all([ask(look('1')), ask(look('2'))])).toEqual([['1'], ['2']])
  expect(native.programs('run')).toHaveLength(1)
  const host: SetupOp[] = [{ op: 'netlinkDump', netns: 'host', bytes: Buffer.from('host') }]
  expect(await Promise.all([ask(host), ask(look('1')), ask(host)])).toEqual([['host'], ['1'], ['host']])
  expect(native.programs('run')[1]?.setup, 'the same operations are there once').toHaveLength(3)
})

test('what a thousand ask for is more than one program has room for', async () => {
  const { native, ask } = looksOf()
  const names = Array.from({ length: 700 }, (_, at) => String(at))
  expect(await Promise.all(names.map(name => ask(look(name))))).toEqual(names.map(name => [name]))
  expect(native.programs('run')).toHaveLength(3)
})

test('what many ask for is done by as many processes as there are processors', async () => {
  for (const [lists, processors, programs] of [
    [63, 2, 1],
    [64, 2, 2],
    [64, 1, 1],
    [500, 4, 4],
  ] as const) {
    const { native, ask } = looksOf(processors)
    const names = Array.from({ length: lists }, (_, at) => String(at))
    expect(await Promise.all(names.map(name => ask(look(name))))).toEqual(names.map(name => [name]))
    expect(native.programs('run'), `${lists} on ${processors}`).toHaveLength(programs)
  }
})

test('of many the first are looked at while the others have not even asked', async () => {
  const native = new RecordingNative({ run: answer })
  const looks = new Looks(native, 2)
  const host = look('host')
  const order: string[] = []
  await Promise.all(
    Array.from({ length: 120 }, async (_, at) => {
      const round = await looks.turn()
      if (at % 50 === 0) order.push(`${at} asks, ${native.programs('run').length} before`)
      expect(await Promise.all([round.ask(host), looks.ask(look(String(at)))])).toHaveLength(2)
    }),
  )
  expect(order).toEqual(['0 asks, 0 before', '50 asks, 1 before', '100 asks, 2 before'])
  expect(native.programs('run').map(({ setup }) => setup?.length)).toEqual([102, 100, 40])
  // And again when nobody waits any more.
  await (await looks.turn()).ask(host)
  expect(native.programs('run')).toHaveLength(4)
})

test('all is handed over when nobody has to ask any more, however long the kernel takes', async () => {
  for (const [many, programs] of [
    [120, 3],
    [3, 1],
    [0, 0],
  ] as const) {
    const native = new RecordingNative({ run: answer })
    const looks = new Looks(native, 1)
    const all = Array.from({ length: many }, async (_, at) => {
      await looks.turn()
      return looks.ask(look(String(at)))
    })
    await looks.handedOver()
    expect(native.programs('run')).toHaveLength(programs)
    await Promise.all(all)
  }
})

test('one whose process is gone takes no answers from the others', async () => {
  const { ask } = looksOf()
  expect(await Promise.all([ask(look('1')), ask(look('gone')), ask(look('2'))])).toEqual([
    ['1'],
    undefined,
    ['2'],
  ])
  expect(await ask(look('gone'))).toBeUndefined()
})
