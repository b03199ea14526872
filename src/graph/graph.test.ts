import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph, downstreamOf, findCycles, order, reverse, upstreamOf, walk } from './index.ts'

/** `of({a: 'b c'})`: a comes after b and c. */
function of(edges: Record<string, string>) {
  return buildGraph(
    Object.entries(edges).map(([id, after]) => ({ id, value: id, after: after.split(' ').filter(Boolean) })),
  )
}

const DIAMOND = { web: 'php cache', php: 'db', cache: 'db', db: '' }

describe('a graph', () => {
  it('refuses an id that stands twice and an edge to nothing', () => {
    expect(() => of({ a: 'b' })).toThrow(RangeError)
    const twice = { id: 'a', value: 1, after: [] }
    expect(() => buildGraph([twice, twice])).toThrow(RangeError)
  })

  it('orders what comes first first, and otherwise as given', () => {
    expect(order(of(DIAMOND)).map(vertex => vertex.id)).toEqual(['db', 'php', 'cache', 'web'])
    expect(order(reverse(of(DIAMOND))).map(vertex => vertex.id)).toEqual(['web', 'php', 'cache', 'db'])
  })

  it('knows what is before and behind a vertex', () => {
    expect([...upstreamOf(of(DIAMOND), ['php'])].sort()).toEqual(['db', 'php'])
    expect([...downstreamOf(of(DIAMOND), ['php'])].sort()).toEqual(['php', 'web'])
  })

  it('finds each cycle once, as a closed way', () => {
    expect(findCycles(of(DIAMOND))).toEqual([])
    expect(findCycles(of({ x: 'a', a: 'b', b: 'c', c: 'a', s: 's' }))).toEqual([['a', 'b', 'c'], ['s']])
  })

  it('survives a chain of 50,000', () => {
    const chain = buildGraph(
      Array.from({ length: 50_000 }, (_, index) => ({
        id: `${index}`,
        value: index,
        after: index === 0 ? [] : [`${index - 1}`],
      })),
    )
    expect(findCycles(chain)).toEqual([])
    expect(order(chain)).toHaveLength(50_000)
  })

  it('orders any acyclic graph so that nothing stands before what it comes after', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 31 }),
        lists => {
          const graph = buildGraph(
            lists.map((list, index) => ({
              id: `${index}`,
              value: index,
              after: list.filter(other => other < index).map(String),
            })),
          )
          const seen = new Set<string>()
          for (const vertex of order(graph)) {
            for (const id of vertex.after) expect(seen.has(id)).toBe(true)
            seen.add(vertex.id)
          }
          expect(seen.size).toBe(lists.length)
        },
      ),
    )
  })
})

describe('a walk', () => {
  it('visits in order, side by side where it may, never more than the limit at once', async () => {
    let now = 0
    let most = 0
    const seen: string[] = []
    const visit = async (id: string): Promise<void> => {
      now += 1
      most = Math.max(most, now)
      await Promise.resolve()
      seen.push(id)
      now -= 1
    }
    await walk(of({ a: '', b: '', c: '', d: 'a b c' }), visit, { limit: 2 })
    expect(most).toBe(2)
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
  })

  it('skips what is behind a failure, goes on elsewhere, reports root causes alone', async () => {
    const result = await walk(of({ ...DIAMOND, other: '' }), async id => {
      if (id === 'db') throw new Error('no disk')
    })
    expect(Object.fromEntries(result.outcomes)).toEqual({
      web: 'skipped',
      php: 'skipped',
      cache: 'skipped',
      db: 'failed',
      other: 'done',
    })
    expect(result.failures.map(({ id }) => id)).toEqual(['db'])
  })

  it('begins nothing after abort and lets what runs end', async () => {
    const control = new AbortController()
    const result = await walk(of({ a: '', b: 'a' }), async () => control.abort(), { signal: control.signal })
    expect(Object.fromEntries(result.outcomes)).toEqual({ a: 'done', b: 'skipped' })
    expect(result.aborted).toBe(true)
  })

  it('ends on a cycle, skipping it', async () => {
    const result = await walk(of({ a: 'b', b: 'a', c: '' }), async () => undefined)
    expect(Object.fromEntries(result.outcomes)).toEqual({ a: 'skipped', b: 'skipped', c: 'done' })
  })
})
