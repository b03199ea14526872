import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkFloors, FLOORS } from './floors.ts'
import { type Module, moduleOf } from './modules.ts'

const file = (path: string, ...imports: string[]): Module =>
  moduleOf(path, imports.map(target => `import { x } from '${target}'`).join('\n'))

test('an import that goes up inside the engine is a problem, a type or a late one too', () => {
  expect(checkFloors([file('src/engine/state/a.ts', '../containers/stop.ts')])).toEqual([
    expect.stringMatching(
      /^src\/engine\/state\/a\.ts: imports src\/engine\/containers\/stop\.ts, which is up: /,
    ),
  ])
  const ways = [
    "import type { X } from '../networks/claim.ts'",
    "const x = await import('../backend/exec.ts')",
  ]
  for (const way of ways) expect(checkFloors([moduleOf('src/engine/mounts/a.ts', way)])).toHaveLength(1)
})

test('an import that goes down is none, and neither is one inside a room or from elsewhere', () => {
  expect(
    checkFloors([
      file('src/engine/containers/stop.ts', '../state/context.ts', './kill.ts', './run/start.ts'),
      file('src/engine/security/seccomp/option.ts', './compile.ts', '../../../diagnostics/index.ts'),
      file('src/engine/engine.ts', './backend/exec.ts', './index.ts'),
      file('src/cli/engine.ts', '../engine/index.ts'),
    ]),
  ).toEqual([])
})

test('rooms on one floor do not know each other', () => {
  expect(checkFloors([file('src/engine/volumes/a.ts', '../groups/namespaces.ts')])).toEqual([
    expect.stringContaining('on its own floor'),
  ])
})

test('the nearest room counts: a folder in a folder may have a floor of its own', () => {
  const floors = { 'src/x': ['a/low types.ts', 'a', '.'] }
  const modules = [
    file('src/x/a/low/1.ts', '../2.ts'),
    file('src/x/a/2.ts', './low/1.ts', '../types.ts'),
    file('src/x/types.ts', './index.ts'),
  ]
  expect(checkFloors(modules, floors).map(problem => problem.split(':')[0])).toEqual([
    'src/x/a/low/1.ts',
    'src/x/types.ts',
  ])
})

test('the other big folders have floors, too', () => {
  const upward = [
    file('src/network/firewall/a.ts', '../drivers/bridge.ts'),
    file('src/network/names/a.ts', '../ports/index.ts'),
    file('src/planner/spec/a.ts', '../observed/observed.ts'),
    file('src/planner/up/a.ts', '../down/teardown.ts'),
  ]
  for (const each of upward) expect(checkFloors([each]), each.path).toHaveLength(1)
})

test('a folder without a floor is a problem', () => {
  expect(checkFloors([file('src/engine/utils/a.ts')])).toEqual([
    'src/engine/utils/a.ts: has no floor in tools/check/floors.ts',
  ])
})

test('each room of the table is there, once', () => {
  for (const [folder, lines] of Object.entries(FLOORS)) {
    const names = lines.flatMap(line => line.split(' '))
    expect(names.filter(name => !existsSync(`${folder}/${name}`))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  }
})

test("the page of the architecture has the engine's floors as the table has them", () => {
  const page = readFileSync('docs/architecture.md', 'utf8')
  const rows = [...page.matchAll(/^\| (\d+) \| `([a-z/.]+)` \|/gm)].map(
    ([, floor, room]) => `${floor} ${room}`,
  )
  const rooms = (FLOORS['src/engine'] ?? []).flatMap((line, floor) =>
    line.split(' ').map(room => `${floor} ${room}`),
  )
  expect(rows).toEqual(rooms)
})
