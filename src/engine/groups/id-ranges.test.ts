import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IdRanges } from './id-ranges.ts'

const FIRST = 1_879_048_192
const IDS = 65_536
let folder: string

/** An engine whose ROOT is there. */
function engine(name: string, delegated: readonly string[] = [], living: readonly number[] = []): IdRanges {
  const root = join(folder, name)
  mkdirSync(root, { recursive: true })
  return new IdRanges({
    folder: join(folder, 'ids'),
    root,
    delegated: () => delegated,
    living: () => new Set(living),
  })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-ids-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('ranges of ids', () => {
  it('must be those of one group of one engine', async () => {
    const [one, other] = [engine('one'), engine('other')]
    expect(await one.claim('project:a')).toBe(FIRST)
    expect(await one.claim('project:b')).toBe(FIRST + IDS)
    expect(await other.claim('project:a')).toBe(FIRST + 2 * IDS)
    expect(await engine('one').claim('project:a')).toBe(FIRST)
  })

  it('must not overlap when many are found at once', async () => {
    const engines = Array.from({ length: 8 }, (_, index) => engine(`e${index}`))
    const all = await Promise.all(engines.flatMap(each => ['a', 'b'].map(group => each.claim(group))))
    expect(new Set(all).size).toBe(16)
  })

  it('must leave out what others were given', async () => {
    const given = [`someone:${FIRST + 10}:100\n`, `else:${FIRST + IDS}:${IDS}\n# a remark\n`]
    expect(await engine('one', given).claim('a')).toBe(FIRST + 2 * IDS)
  })

  it('must be free again without a container, and without the engine that had them', async () => {
    const [one, other] = [engine('one'), engine('other')]
    await one.claim('a')
    await one.claim('b')
    await one.releaseOthers(group => group === 'b')
    expect(await other.claim('c')).toBe(FIRST)
    rmSync(join(folder, 'one'), { recursive: true })
    expect(await other.claim('d')).toBe(FIRST + IDS)
  })

  it('must stay those of processes that run on when their engine and its folder are gone', async () => {
    await engine('one').claim('a')
    rmSync(join(folder, 'one'), { recursive: true })
    expect(await engine('other', [], [0, FIRST]).claim('b')).toBe(FIRST + IDS)
    expect(await engine('other').claim('c')).toBe(FIRST)
  })

  it('must begin anew where the list is of another boot, or cannot be read', async () => {
    const one = engine('one')
    await one.claim('a')
    const claims = [{ first: FIRST, root: folder, group: 'x' }]
    for (const text of ['{"version":', JSON.stringify({ version: 1, bootId: 'another', claims })]) {
      writeFileSync(join(folder, 'ids/ranges.json'), text)
      expect(await one.claim('b')).toBe(FIRST)
    }
  })
})
