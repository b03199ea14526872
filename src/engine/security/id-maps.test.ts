import { describe, expect, it } from 'vitest'
import { FIRST_ID, idMaps, ownerMaps, USERNS_IDS } from './id-maps.ts'

const FIRST = FIRST_ID + USERNS_IDS

describe('the maps of a user namespace', () => {
  it('must have every id once, the group of terminals as itself', () => {
    const { uidMap, gidMap } = idMaps(FIRST)
    expect(uidMap).toEqual([{ inside: 0, outside: FIRST, count: USERNS_IDS }])
    expect(gidMap.map(({ inside, outside }) => [inside, outside])).toEqual([
      [0, FIRST],
      [5, 5],
      [6, FIRST + 6],
      [2_147_483_647, 2_099_990_001],
    ])
  })

  it("must have the host's own ids above the range where those are wanted, below those of any range", () => {
    const { uidMap, gidMap } = idMaps(FIRST, true)
    for (const map of [uidMap, gidMap])
      expect([100_000, FIRST_ID - 1, FIRST_ID].map(id => shown(map, id))).toEqual([
        100_000,
        FIRST_ID - 1,
        undefined,
      ])
  })
})

/** Where an id of the disk is shown, as the host has it. */
function shown(map: ReturnType<typeof idMaps>['uidMap'], id: number): number | undefined {
  const ranges = map.filter(({ inside, count }) => inside <= id && id < inside + count)
  expect(ranges.length).toBeLessThan(2)
  return ranges.map(({ inside, outside }) => outside + id - inside)[0]
}

describe("the maps of mounts with somebody's files", () => {
  const caller = { uid: 1000, gid: 1001 }

  it.each([
    [0, 0],
    [999, 998],
    [1000, 5],
    [1000, 1001],
    [65_535, 65_535],
  ])('must show them as those of %d:%d, whose own are shown as theirs, and nothing else otherwise', (uid, gid) => {
    for (const first of [undefined, FIRST]) {
      const { uidMap, gidMap } = ownerMaps(idMaps(first), caller, { uid, gid })
      const without = idMaps(first)
      expect(shown(uidMap, 1000)).toBe(shown(without.uidMap, uid))
      expect(shown(uidMap, uid)).toBe(shown(without.uidMap, 1000))
      expect(shown(gidMap, 1001)).toBe(shown(without.gidMap, gid))
      expect(shown(gidMap, gid)).toBe(shown(without.gidMap, 1001))
      for (const id of [1, 33, 2000, 65_534]) {
        expect(shown(uidMap, id)).toBe(shown(without.uidMap, id))
        expect(shown(gidMap, id)).toBe(shown(without.gidMap, id))
      }
      const outside = uidMap.flatMap(range => [range.outside, range.outside + range.count - 1])
      expect(new Set(outside).size).toBe(
        uidMap.filter(({ count }) => count === 1).length + 2 * uidMap.filter(({ count }) => count > 1).length,
      )
    }
  })

  it('must have room for an owner above the range, and nobody of the range for whose files he is shown as', () => {
    const { uidMap } = ownerMaps(idMaps(FIRST), { uid: 200_000, gid: 200_000 }, { uid: 0, gid: 0 })
    expect([shown(uidMap, 200_000), shown(uidMap, 0), shown(uidMap, 1)]).toEqual([
      FIRST,
      undefined,
      FIRST + 1,
    ])
  })
})
