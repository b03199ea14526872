import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { TreeCopy, TreeSource } from '../layer/trees.ts'
import { type Lab, makeLab, type Tree } from '../testing/fakes.ts'
import type { BuildOptions } from './options.ts'
import type { RunMount, RunRequest } from './runner.ts'

/*
 * What a step sees is written down where it is done, by what the fakes are given: whatever it is in which two builds
 * differ there, the second one must not take the first one's layer.
 */

interface Scenario {
  readonly context: string
  readonly ignored: string
  readonly stage: string
  readonly command: string
  readonly env: string
  readonly arg: string | undefined
  readonly proxy: string
  readonly declared: boolean
  readonly shell: string
  readonly workdir: string
  readonly user: string
  readonly network: string
  readonly runNetwork: string
  readonly extraHosts: readonly string[]
  readonly shmSize: number | undefined
  readonly ulimits: NonNullable<BuildOptions['ulimits']>
  readonly bind: string
  readonly cache: string
  readonly tmpfs: string
  readonly secret: string
  readonly secretContent: string
  readonly copy: string
  readonly copyFrom: string
  readonly heredoc: string
  readonly script: string
}

/** Only root can give files away. */
const own = process.getuid?.() ?? 0
const other = own === 0 ? 5 : own
const TEXTS = ['a', 'b', 'c d']
const limits = (soft: number): NonNullable<BuildOptions['ulimits']> => [{ name: 'nofile', soft, hard: 2 }]

const VALUES: { readonly [K in keyof Scenario]: readonly Scenario[K][] } = {
  context: TEXTS,
  ignored: TEXTS,
  stage: TEXTS,
  command: TEXTS,
  env: TEXTS,
  arg: [undefined, ...TEXTS],
  proxy: ['http://a', 'http://b'],
  declared: [false, true],
  shell: ['["/bin/sh","-c"]', '["/bin/bash","-ec"]'],
  workdir: ['/', '/w', '/w/v'],
  user: ['', '5', '5:6'],
  network: ['default', 'none', 'front'],
  runNetwork: ['', '--network=none', '--network=host'],
  extraHosts: [[], ['a:10.0.0.1'], ['a:10.0.0.2']],
  shmSize: [undefined, 1, 2],
  ulimits: [[], limits(1), limits(2)],
  bind: ['', ',rw', ',from=from,source=/f', ',from=from,source=/f,rw', ',from=from,source=/g', ',source=dir'],
  cache: ['', ',ro', ',mode=0700', `,uid=${other}`, `,gid=${other}`, ',id=x'],
  tmpfs: ['', ',size=1m', ',size=2m'],
  secret: ['', ',mode=0444', `,uid=${other}`, `,gid=${other}`, ',env=S', ',env=T', ',target=/t'],
  secretContent: TEXTS,
  copy: ['', '--chmod=0700', '--chown=5', '--chown=5:6', '--chmod=0711'],
  copyFrom: ['a', 'dir', 'd*', ...['/f', '/g', '/link', '/lunk'].map(path => `--from=from ${path}`)],
  heredoc: TEXTS,
  script: ['a', '#!/a', '#!/b'],
}

function dockerfile(s: Scenario): string {
  const proxy = s.declared ? 'ARG HTTP_PROXY' : ''
  return `FROM scratch AS from
${proxy}
RUN <<EOF
write /f ${s.stage}
write /g same
link /link f
link /lunk f
EOF
FROM scratch
ENV E="${s.env}"
ARG V
${proxy}
SHELL ${s.shell}
${s.user === '' ? '' : `USER ${s.user}`}
COPY ${s.copy} ${s.copyFrom} /copied/
COPY <<EOF /here
${s.heredoc}
EOF
WORKDIR ${s.workdir}
RUN <<EOF
${s.script}
EOF
RUN ${s.runNetwork} \\
  --mount=type=bind,target=/m${s.bind} --mount=type=cache,target=/c${s.cache} \\
  --mount=type=tmpfs,target=/t${s.tmpfs} --mount=type=secret,id=s${s.secret} write /x ${s.command}`
}

function filesOf(s: Scenario): Tree {
  return { a: s.context, 'dir/b': s.context, '.dockerignore': 'ignored', ignored: s.ignored }
}

function optionsOf(scenario: Scenario): Partial<BuildOptions> {
  const { arg, proxy, network, extraHosts, ulimits, shmSize, secretContent } = scenario
  return {
    args: { HTTP_PROXY: proxy, ...(arg === undefined ? {} : { V: arg }) },
    network,
    entitlements: ['network.host'],
    extraHosts,
    ulimits,
    secrets: { s: Buffer.from(secretContent) },
    ...(shmSize === undefined ? {} : { shmSize }),
  }
}

/** Kinds, modes and contents below a path; names and times are not looked at. */
function treeOf(path: string): unknown {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return [stats.mode, readlinkSync(path)]
  if (!stats.isDirectory()) return [stats.mode, readFileSync(path, 'latin1')]
  const names = readdirSync(path).filter(name => name !== 'Dockerfile')
  return [stats.mode, names.map(name => [name, treeOf(join(path, name))])]
}

function inside(source: TreeSource, path: string): unknown {
  const folders = source.type === 'folder' ? [source.folder] : source.layers
  return folders.map(folder => join(folder, path)).flatMap(at => (existsSync(at) ? [treeOf(at)] : []))
}

function mountSight(mount: RunMount): unknown {
  if (mount.type === 'tmpfs') return mount
  if (mount.type === 'layers') return [mount.target, mount.changes !== undefined, inside(mount, mount.path)]
  const { mode, uid, gid } = lstatSync(mount.source)
  const isUnseen = mount.source.endsWith('/secret') || mount.target === '/c'
  return [mount.target, mount.readonly, mode, uid, gid, isUnseen ? '' : treeOf(mount.source)]
}

function runSight(request: RunRequest, isDeclared: boolean): string {
  const { layers: _l, upper: _u, work: _w, onOutput: _o, signal: _s, mounts, env, ...rest } = request
  const seen = env.filter(line => !/^[ST]=/.test(line) && (isDeclared || !/^http_proxy=/i.test(line)))
  const names = env.map(line => line.split('=')[0]).sort()
  return JSON.stringify([rest, seen, names, mounts.map(mountSight)])
}

function copySight({ layers: _l, upper: _u, work: _w, source, items, ...rest }: TreeCopy): string {
  const taken = items.map(({ from, to }) => [to, source === undefined ? '' : inside(source, from)])
  return JSON.stringify([rest, taken])
}

interface Built {
  /** What each step that ran saw. */
  readonly seen: readonly string[]
  readonly cached: boolean
}

async function built(lab: Lab, scenario: Scenario, noCache = false): Promise<Built> {
  const seen: string[] = []
  const { runner, trees } = lab
  const { cached } = await lab.build(dockerfile(scenario), {
    ...optionsOf(scenario),
    files: filesOf(scenario),
    noCache,
    runner: {
      run: request => {
        seen.push(runSight(request, scenario.declared))
        return runner.run(request)
      },
    },
    trees: {
      copy: request => {
        seen.push(copySight(request))
        return trees.copy(request)
      },
      unpack: (request, fill) => trees.unpack(request, fill),
      sync: folder => trees.sync(folder),
    },
  })
  return { seen, cached }
}

const labs: Lab[] = []
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.remove()
})

async function newLab(): Promise<Lab> {
  const lab = await makeLab()
  labs.push(lab)
  return lab
}

const KEYS = Object.keys(VALUES) as (keyof Scenario)[]
/** What by the rules of Dockerfiles is no reason to run again. */
const NO_REASON: readonly (keyof Scenario)[] = ['ignored', 'secretContent']

const scenarios = fc.record(
  Object.fromEntries(Object.entries(VALUES).map(([key, values]) => [key, fc.constantFrom(...values)])),
) as fc.Arbitrary<Scenario>

describe('a build after others that differ from it in one thing', () => {
  it.each(KEYS)('runs again what sees a change of %s, and nothing where nothing is changed', async key => {
    await fc.assert(
      fc.asyncProperty(scenarios, async scenario => {
        const [first, second] = [await newLab(), await newLab()]
        const seen = new Set((await built(first, scenario)).seen)
        expect((await built(first, scenario)).cached).toBe(true)
        for (const value of VALUES[key]) {
          const changed = { ...scenario, [key]: value }
          const wanted = await built(second, changed, true)
          const after = await built(first, changed)
          for (const sight of after.seen) seen.add(sight)
          expect(wanted.seen.filter(sight => !seen.has(sight))).toEqual([])
          if (NO_REASON.includes(key)) expect(after.cached).toBe(true)
        }
      }),
      { numRuns: 1 },
    )
  })
})
