// Files that mean the same, however they are written: what one brought up the other leaves alone.
import { describe, expect, test } from 'vitest'
import type { Project } from '../../src/model/index.ts'
import { load } from '../../src/parser/index.ts'
import { planUp } from '../../src/planner/index.ts'
import { emptyWorld, imageOf, simulate } from '../../src/planner/testing/simulate.ts'

const FILES: Readonly<Record<string, string>> = {
  '/p/app.env': 'LEVEL=debug\nPORT=80\n',
  '/p/other/same.env': 'PORT="80"\nLEVEL=\'debug\'\n',
}

function loaded(text: string): Project {
  const { project, diagnostics } = load({
    files: [{ name: '/p/compose.yaml', text }],
    workingDir: '/p',
    projectName: 'lamp',
    env: { HOME: '/home/u' },
    readFile: path => FILES[path],
  })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  if (project === undefined) throw new Error('no project')
  return project
}

const service = (lines: string): string =>
  `services:\n  web:\n    image: x\n${lines.replace(/^(?=.)/gm, '    ')}\n`

/** By what is written otherwise: several spellings of one file. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  'the order of keys': [
    service('user: "1000"\nenvironment: {A: "1", B: "2"}\nlabels: {x: "1", y: "2"}\nmem_limit: 64m'),
    'services:\n  web:\n    mem_limit: 64m\n    labels: {y: "2", x: "1"}\n    environment: {B: "2", A: "1"}\n    user: "1000"\n    image: x\n',
  ],
  'quotes and numbers': [
    service('user: "1000"\nenvironment: {A: 1, B: yes please}\nstop_signal: SIGINT'),
    service(`user: '1000'\nenvironment: {A: "1", B: 'yes please'}\nstop_signal: "SIGINT"`),
  ],
  'anchors and merge keys': [
    `x-all: &all\n  environment: &env {A: "1"}\n  restart: always\n${service('<<: *all')}`,
    service('environment: {A: "1"}\nrestart: always'),
  ],
  'lists and maps': [
    service(
      'environment: [A=1, B=]\nlabels: [x=1]\nextra_hosts: ["h:1.2.3.4"]\nsysctls: [net.core.somaxconn=5]',
    ),
    service(
      'environment: {B: "", A: "1"}\nlabels: {x: "1"}\nextra_hosts: {h: 1.2.3.4}\nsysctls: {net.core.somaxconn: 5}',
    ),
  ],
  'short and long forms': [
    `${service(
      'ports: ["8080:80"]\nvolumes: ["data:/d:ro", "/srv:/s"]\nnetworks: [front]\nulimits: {nofile: 5}',
    )}volumes: {data: }\nnetworks: {front: }\n`,
    `${service(`ports: [{target: 80, published: "8080", protocol: tcp, mode: ingress}]
volumes:
  - {type: volume, source: data, target: /d, read_only: true}
  - {type: bind, source: /srv, target: /s, bind: {create_host_path: true}}
networks: {front: {}}
ulimits: {nofile: {soft: 5, hard: 5}}`)}volumes: {data: {}}\nnetworks: {front: {}}\n`,
  ],
  'sizes and durations': [
    service('mem_limit: 1g\nstop_grace_period: 1m30s\nhealthcheck: {test: "true", interval: 60s}'),
    service(
      'mem_limit: 1024m\nstop_grace_period: 90s\nhealthcheck: {test: [CMD-SHELL, "true"], interval: 1m}',
    ),
  ],
  'a command as text and as words': [service('command: echo "a b" c'), service('command: [echo, a b, c]')],
  'where variables of files come from': [
    service('env_file: app.env'),
    service('env_file: [./other/same.env]'),
    service('env_file:\n  - path: ./app.env\n    required: true'),
    service('environment: {LEVEL: debug, PORT: "80"}'),
  ],
  'sets in another order': [
    service(
      'cap_add: [NET_ADMIN, SYS_TIME]\nexpose: ["80", "81"]\ndns_opt: [a]\nsecurity_opt: [no-new-privileges, label=x]',
    ),
    service(
      'security_opt: [label=x, no-new-privileges]\nexpose: [81, 80]\ndns_opt: [a]\ncap_add: [SYS_TIME, NET_ADMIN]',
    ),
  ],
  'how capabilities, options, signals and ports are spelt': [
    service(
      'cap_add: [NET_ADMIN]\ncap_drop: [CHOWN]\nsecurity_opt: ["no-new-privileges:true", "label:type:t"]\nstop_signal: SIGINT\nexpose: ["6-8/udp", "80"]',
    ),
    service(
      'cap_add: [cap_net_admin, NET_ADMIN]\ncap_drop: [CAP_CHOWN]\nsecurity_opt: [label=type:t, no-new-privileges]\nstop_signal: INT\nexpose: ["8/udp", 6/UDP, 7/udp, 80/tcp]',
    ),
    service(
      'cap_add: [Net_Admin]\ncap_drop: [chown]\nsecurity_opt: ["no-new-privileges=true", label=type:t]\nstop_signal: "2"\nexpose: [80, 7-8/udp, 6-7/udp]',
    ),
  ],
  'a real-time signal': [service('stop_signal: SIGRTMIN+3'), service('stop_signal: "37"')],
  'comments, documents and blanks': [
    service('restart: always'),
    `# what this is\n---\n${service('restart:    always   # so that it comes back')}\n\n`,
  ],
}

describe('nothing is to be done where a file differs in', () => {
  const world = emptyWorld('lamp', { x: imageOf('x') })
  test.each(Object.entries(SPELLINGS))('%s', (_, texts) => {
    for (const first of texts) {
      const made = simulate(planUp(loaded(first), world), world, {
        volumes: loaded(first).model.volumes ?? {},
      })
      for (const other of texts)
        expect(planUp(loaded(other), made).operations.flatMap(({ changes }) => changes)).toEqual([])
    }
  })
})

describe('what only looks the same is told from each other', () => {
  const world = emptyWorld('lamp', { x: imageOf('x') })
  test.each([
    ['cap_drop: [ALL]', 'cap_drop: [CAP_ALL]'],
    ['security_opt: ["no-new-privileges:true"]', 'security_opt: ["no-new-privileges:false"]'],
    ['stop_signal: SIGINT', 'stop_signal: SIGQUIT'],
    ['expose: ["6-8/udp"]', 'expose: ["6-8"]'],
  ])('%s and %s', (one, other) => {
    const made = simulate(planUp(loaded(service(one)), world), world, { volumes: {} })
    expect(planUp(loaded(service(other)), made).operations).not.toEqual([])
  })
})
