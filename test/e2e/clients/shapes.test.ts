import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { asked, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { askAll, Caller } from './shapes/ask.ts'
import { differences, parseShapes, renderShapes, shapesOf } from './shapes/shape.ts'

/** What a Docker Engine 28 (API 1.51) answered to the same questions. */
const RECORDED = 'test/e2e/clients/shapes/docker-28.txt'

/** Fields in which we differ, by the answers and the field, and why. */
const DIFFERENT: readonly (readonly [answers: RegExp, field: RegExp, reason: string])[] = [
  [/./, /^diagnostics|^(\[\]\.)?Tscompose(Drift|Ids)/, 'ours, beside what Docker has'],
  [/^network bridge$/, /^Containers/, 'somebody was on the recorded bridge'],
  [
    /^volume/,
    /Labels\.\*|Options\.\*/,
    'a volume of type tmpfs, which the local driver refuses (docs/limits.md)',
  ],
  [/^volume (create )?2$/, /./, 'the same'],
  [/^stats/, /^pids_stats\.limit$/, 'there is a limit where nobody asked for one'],
  [/^row with sizes$/, /SizeRw/, 'is left out where nothing was written'],
  [/./, /^Config\.WorkingDir$/, "a Dockerfile's first folder is /, as BuildKit has it"],
  [/^image/, /Parent|Comment|DockerVersion|ArgsEscaped/, 'images are as BuildKit makes them'],
  [/^image$/, /^GraphDriver\.Data\.(MergedDir|WorkDir)$/, 'nothing is mounted for an image'],
  [/^info$/, /^Containerd|^CDISpecDirs|^OSVersion$|^InitCommit/, 'another machine, and no containerd'],
  [/^version$/, /BuildTime|GoVersion|GitCommit|Details\.Node|^Platform/, 'another program'],
]

describe('the answers of our engine', () => {
  let sandbox: Sandbox
  let docker: Docker

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    docker = new Docker({ socketPath: sandbox.socket })
    await sandbox.hold()
  })
  afterAll(async () => {
    docker.modem.destroy()
    await sandbox.close()
  })

  test("have each field of a Docker Engine's, and no other, with values of the same kinds", async () => {
    const ours = shapesOf(await askAll(new Caller(sandbox.socket)))
    const theirs = parseShapes(readFileSync(RECORDED, 'utf8'))
    const found = [...theirs].flatMap(([answers, want]) =>
      differences(want, ours.get(answers) ?? new Map())
        .filter(
          line => !DIFFERENT.some(([of, field]) => of.test(answers) && field.test(line.split(':')[0] ?? '')),
        )
        .map(line => `${answers}: ${line}`),
    )
    expect(found).toEqual([])
  })
})

// With DOCKER_HOST=unix://… of a real engine; some fields are only there when nothing else is.
requires(asked('TSCOMPOSE_RECORD_SHAPES')).test('recorded anew', { timeout: 300_000 }, async () => {
  const socket = (process.env['DOCKER_HOST'] ?? '').replace('unix://', '')
  writeFileSync(RECORDED, `${renderShapes(shapesOf(await askAll(new Caller(socket))))}\n`)
})
