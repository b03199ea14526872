import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leavesOf } from '../../src/cli/commands/explain/explanation.ts'
import { pathText } from '../../src/cli/commands/explain/path.ts'
import { findTarget, shownModel } from '../../src/cli/commands/explain/target.ts'
import type { Project } from '../../src/model/index.ts'
import { openProject } from '../../src/parser/index.ts'

/** Parts of a service in their short and long forms: every combination is a service. */
const PARTS: readonly string[] = [
  '    build: ./b',
  '    build: {dockerfile_inline: FROM x, args: [A, B=1], ssh: [default], extra_hosts: {h: 1.1.1.1}, secrets: [s]}',
  '    command: sh -c "a b"\n    entrypoint: [e]',
  '    command: null',
  '    cap_add: [A, B]\n    dns: 1.1.1.1\n    tmpfs: /t',
  '    configs: [c]\n    secrets: [{source: s, mode: 0440}]',
  '    depends_on: [a]',
  '    depends_on: {a: {condition: service_started, restart: true}}',
  '    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 1g}, reservations: {devices: [{capabilities: [gpu]}]}}}',
  '    deploy: {}\n    scale: 3',
  '    devices: [/dev/null, "/dev/zero:/z"]\n    gpus: all',
  '    env_file: [a.env]',
  '    env_file: [{path: a.env, required: false}]\n    label_file: [a.env]',
  '    environment: [A=1, B, "C=$V"]',
  '    environment: {A: 1, B: , C: "${V:-x}", D: true}',
  '    extends: a',
  '    extends: {file: more.yaml, service: m}',
  '    extra_hosts: [z=1.1.1.1, "a:::1"]',
  '    healthcheck: {test: "curl x", interval: 90s}',
  '    healthcheck: {test: [CMD, x], retries: 3}',
  '    labels: {a.b: 1, c: null}',
  '    labels: [a.b=1, c]',
  '    links: ["a:b"]\n    volumes_from: [a]',
  '    logging: {driver: x, options: {o: 1}}',
  '    mem_limit: 64m\n    stop_grace_period: 1m30s\n    shm_size: 1g',
  '    networks: [n]',
  '    networks: {n: {aliases: [x]}, default: }',
  '    network_mode: service:a',
  '    ports: [80, "8080-8081:80-81/udp", {target: 5, published: 6}]',
  '    profiles: [debug]',
  '    pull_policy: if_not_present',
  '    ulimits: {nofile: 5, core: {soft: 1, hard: 2}}',
  '    volumes: [/anon, "v:/v:ro", "./x:/x:z", {type: tmpfs, target: /t, tmpfs: {size: 1m}}]',
  '    x-own: {a: [1, {b: c}], command: [d]}',
  '    blkio_config: {weight: 5, device_read_bps: [{path: /dev/a, rate: 1m}]}',
  '    develop: {watch: [{path: ., action: sync, target: /t, ignore: a}]}',
  '    post_start: [{command: [x], environment: [A, B=2]}]',
  '    <<: *common',
]

const REST = [
  'networks: {n: {ipam: {config: [{subnet: 1.0.0.0/24}]}}, ext: {external: true}, old: }',
  'volumes: {v: , w: {driver_opts: {type: none, o: bind, device: ./d}}}',
  'secrets: {s: {environment: V}, f: {file: ./f}}',
  'configs: {c: {content: "a $V"}}',
  'x-top: {a: 1}',
].join('\n')

const FILES: Readonly<Record<string, string>> = {
  '/p/a.env': 'E1=1\nE2="$V"\nV\n',
  '/p/more.yaml': 'services: {m: {image: m, labels: {m: 1}, ports: ["1:1"], environment: [M=$V]}}',
  '/p/inc.yaml': 'services: {inc: {image: "i:$V", networks: [n]}}\nnetworks: {n: }',
  '/p/.env': 'V=v\n',
}

function open(texts: readonly string[]): Project | undefined {
  const files = { ...FILES, ...Object.fromEntries(texts.map((text, index) => [`/p/${index}.yaml`, text])) }
  return openProject({
    cwd: '/p',
    env: { HOME: '/h' },
    files: texts.map((_text, index) => `/p/${index}.yaml`),
    fileSystem: { readFile: name => files[name], exists: name => Object.hasOwn(files, name) },
    options: { allResources: true },
  }).project
}

/** Paths of values that no text and no rule explains. */
function unexplained(project: Project): string[] {
  const all = [shownModel(project), project.model].flatMap(model => leavesOf(model, []))
  expect(all.length).toBeGreaterThan(3)
  return all
    .filter(({ path }) => {
      const origin = project.origins.of(path)
      return origin === undefined || (origin.range === undefined && origin.rule === undefined)
    })
    .map(({ path }) => pathText(path))
}

function file(name: string, parts: readonly string[]): string {
  return `x-common: &common {init: true, labels: {l: 1}}\nservices:\n  a: {image: a}\n  ${name}:\n    image: x\n${parts.join('\n')}\n`
}

describe('every value of a model has an origin: a place or a rule', () => {
  test.each(PARTS)('%s', part => {
    const project = open([`include: [inc.yaml]\n${file('w', [part])}${REST}`])
    if (project === undefined) throw new Error('the part is no valid service')
    expect(unexplained(project)).toEqual([])
  })

  test('of examples/lamp', () => {
    const { project } = openProject({
      cwd: 'examples/lamp',
      env: {},
      projectDirectory: `${process.cwd()}/examples/lamp`,
    })
    if (project === undefined) throw new Error('the example does not load')
    expect(unexplained(project)).toEqual([])
  })

  test('of any two files with any parts, laid over each other', () => {
    let loaded = 0
    const parts = fc.uniqueArray(fc.constantFrom(...PARTS), { maxLength: 6 })
    fc.assert(
      fc.property(parts, parts, (base, override) => {
        const project = open([`${file('w', base)}${REST}`, file('w', override)])
        // Not all parts go together: what is refused has no model.
        if (project === undefined) return
        loaded += 1
        expect(unexplained(project)).toEqual([])
      }),
      { numRuns: 200 },
    )
    expect(loaded).toBeGreaterThan(20)
  })
})

test('the text of every path leads back to its value', () => {
  const project = open([
    `${file(
      'w',
      PARTS.filter(part => /labels: \{a|ports|x-own/.test(part)),
    )}${REST}`,
  ])
  if (project === undefined) throw new Error('the file does not load')
  for (const { path, value } of leavesOf(shownModel(project), []))
    expect(findTarget(pathText(path), project)).toEqual({ path, value })
})
