import { describe, expect, test } from 'vitest'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import { firstSizes, MountWatch, type TableSeen } from './mount-watch.ts'
import { mountedOf } from './mounts.test-support.ts'
import { wantedMounts } from './wanted-mounts.ts'

const WANTED = wantedMounts(mountedOf({ mounts: [{ kind: 'tmpfs', target: '/tmp', size: 1 << 20 }] })).filter(
  ({ target }) => target === '/tmp',
)
const TABLE = parseMountinfo('11 1 0:57 / /tmp rw - tmpfs tmpfs rw,size=1024k')
const CONTAINER = { live: undefined } as never
const MADE = { process: { pid: 7, startTime: 1n } } as never

const same = (size = 1 << 20): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeBigUInt64LE(1n)
  bytes.writeBigUInt64LE(BigInt(size), 8)
  return bytes
}
const CHANGED = Buffer.alloc(0)

/** A watch whose first look has found all right. */
function watched(): { watch: MountWatch; table: TableSeen } {
  const watch = new MountWatch()
  const { round } = watch.ask(CONTAINER, MADE)
  const table = watch.hear(round, CHANGED)
  watch.keep(table, WANTED, TABLE)
  return { watch, table }
}

const look = (watch: MountWatch, answer: Buffer | undefined): TableSeen =>
  watch.hear(watch.ask(CONTAINER, MADE).round, answer)

test('a table is as it was while each look is told that it is', () => {
  const { watch, table } = watched()
  for (let times = 0; times < 3; times++) expect(look(watch, same())).toBe(table)
  expect(watch.ask(CONTAINER, MADE).op).toMatchObject({ places: ['/tmp'], mounts: [11] })
})

test.each([
  ['of a change', CHANGED],
  ['of another size', same(1 << 21)],
  ['nothing', undefined],
])('it is read when a look was told %s, and again until all was found right', (_what, answer) => {
  const { watch, table } = watched()
  expect(look(watch, answer)).not.toBe(table)
  expect(look(watch, same()), 'what was told before nobody has heard').not.toBe(table)
  const { round } = watch.ask(CONTAINER, MADE)
  const found = watch.hear(round, same())
  watch.keep(found, WANTED, TABLE)
  expect(look(watch, same())).toBe(found)
})

test('of two looks at a time neither believes the other’s', () => {
  const { watch, table } = watched()
  const [one, other] = [watch.ask(CONTAINER, MADE), watch.ask(CONTAINER, MADE)]
  const late = watch.hear(other.round, same())
  expect(late).not.toBe(table)
  const found = watch.hear(one.round, CHANGED)
  // What it has read may be from before what the other one has heard of.
  watch.keep(found, WANTED, TABLE)
  expect(look(watch, same())).not.toBe(found)
  expect(look(watch, same())).not.toBe(late)
})

test('a place that a link has led elsewhere is never believed', () => {
  const watch = new MountWatch()
  const table = look(watch, CHANGED)
  watch.keep(table, WANTED, parseMountinfo('11 1 0:57 / /other rw - tmpfs tmpfs rw,size=1024k'))
  expect(look(watch, same())).not.toBe(table)
})

describe('a table that nobody has looked at', () => {
  const FIRST = firstSizes(WANTED) ?? []
  const first = (watch: MountWatch, answer: Buffer | undefined): TableSeen =>
    watch.hearFirst(watch.ask(CONTAINER, MADE, FIRST).round, answer, FIRST)

  test('is as the run has begun with it, where it has not changed and file systems have their sizes', () => {
    const watch = new MountWatch()
    expect(watch.isNew).toBe(true)
    const table = first(watch, same())
    expect(table.untouched).toBe(true)
    expect(watch.isNew).toBe(false)
    expect(look(watch, same())).toBe(table)
    expect(watch.ask(CONTAINER, MADE).op).toMatchObject({ places: ['/tmp'], mounts: [0] })
    expect(look(watch, CHANGED).untouched).toBeUndefined()
  })

  test.each([
    ['it has changed', CHANGED],
    ['one has another size', same(1 << 21)],
    ['nobody knows', undefined],
  ])('is read where %s', (_what, answer) => {
    expect(first(new MountWatch(), answer).untouched).toBeUndefined()
  })

  test('is read where another look was under way, which may have heard of a change', () => {
    const watch = new MountWatch()
    const one = watch.ask(CONTAINER, MADE, FIRST)
    watch.ask(CONTAINER, MADE)
    expect(watch.hearFirst(one.round, same(), FIRST).untouched).toBeUndefined()
  })

  test('is never known of a container that has mounts of others', () => {
    const [tmp] = WANTED
    expect(tmp && firstSizes([tmp, { ...tmp, of: { kind: 'any' } }])).toBeUndefined()
  })
})
