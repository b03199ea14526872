import { describe, expect, test } from 'vitest'
import type { Drift } from '../../api/types/index.ts'
import { startTimeOf } from '../../linux/process-identity.ts'
import { driftOf, seenOrAgain, unseenOf } from './observe.ts'
import type { Thing } from './thing.ts'

interface Sight {
  readonly bytes: string
  readonly made: object
}

const MADE = {}

/** A thing that drifts where its bytes say so; how often it was observed. */
function thing(): Thing<Sight> & { looks: number } {
  return {
    looks: 0,
    paths: ['x'],
    basis: ({ bytes, made }) => (bytes === 'unknown' ? undefined : [made, Buffer.from(bytes)]),
    observe({ bytes }): readonly Drift[] | undefined {
      this.looks += 1
      if (bytes === 'unseen') return undefined
      return bytes === 'right' ? [] : [{ Path: 'x', Want: 'right', Got: bytes }]
    },
  }
}

test('a thing is not observed again where what it goes by is as it was when nothing had drifted', async () => {
  const [x, right] = [thing(), new Map()]
  const look = async (bytes: string, made = MADE): Promise<number> => {
    await driftOf([x], { bytes, made }, right)
    return x.looks
  }
  expect(await look('right')).toBe(1)
  expect(await look('right'), 'the same').toBe(1)
  expect(await look('right', {}), 'made from something else').toBe(2)
  expect(await look('wrong')).toBe(3)
  expect(await look('wrong'), 'drift is told each time').toBe(4)
  expect(await driftOf([x], { bytes: 'wrong', made: MADE }, right)).toHaveLength(1)
})

test('a thing that nobody has touched since it was made is right without a look, and from then on as long as it stays so', async () => {
  const [x, right] = [thing(), new Map()]
  let isUntouched = true
  const made = { ...x, untouched: () => isUntouched }
  const look = (bytes: string) => driftOf([made], { bytes, made: MADE }, right)
  expect([await look('at first'), made.looks]).toEqual([[], 0])
  isUntouched = false
  expect([await look('at first'), made.looks]).toEqual([[], 0])
  expect([(await look('wrong')).length, made.looks]).toEqual([1, 1])
  // Without a basis nobody could tell that it is as it was.
  isUntouched = true
  await look('unknown')
  expect(made.looks).toBe(2)
})

test('what knows only behind a look what it goes by is not observed again either', async () => {
  const [x, right] = [thing(), new Map()]
  const late = { ...x, basis: ({ bytes }: Sight) => (late.looks === 0 ? undefined : [Buffer.from(bytes)]) }
  for (const bytes of ['right', 'right', 'wrong', 'right'])
    await driftOf([late], { bytes, made: MADE }, right)
  expect(late.looks).toBe(2)
})

test('what could not be seen, and what goes by more than is known, is observed each time', async () => {
  const [x, right] = [thing(), new Map()]
  for (const bytes of ['unseen', 'unseen', 'unknown', 'unknown'])
    await driftOf([x], { bytes, made: MADE }, right)
  expect(x.looks).toBe(4)
})

describe('a look that has failed', () => {
  const links = { byName: new Map(), byIndex: new Map() } as never
  const alive = { process: { pid: process.pid, startTime: startTimeOf(process.pid) } } as never
  const ended = { process: { pid: process.pid, startTime: 1n } } as never

  test('is made once more of what runs on, and then nobody knows', async () => {
    let looks = 0
    const look = (sights: readonly object[]) => async () => sights[looks++] as { readonly host: undefined }
    const blind = { made: alive, seen: undefined, host: links }
    const whole = { made: alive, seen: {}, host: links }
    expect(unseenOf(await seenOrAgain(look([blind, whole]), () => true))).toEqual([])
    expect(looks).toBe(2)
    looks = 0
    expect(unseenOf(await seenOrAgain(look([blind, blind]), () => true))).toMatchObject([
      { Path: 'unseen', Repair: 'unseen' },
    ])
    looks = 0
    await seenOrAgain(look([blind, whole]), () => false)
    expect(looks, 'what is being changed is left to the next look').toBe(1)
  })

  test('says nothing of a process that has ended, and that of a network', () => {
    expect(unseenOf({ made: ended, seen: undefined, host: links })).toEqual([])
    expect(unseenOf({ host: undefined })).toHaveLength(1)
    expect(unseenOf({ host: links })).toEqual([])
  })
})
