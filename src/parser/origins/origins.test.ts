import { describe, expect, test } from 'vitest'
import type { Origin, Path } from '../../model/index.ts'
import { openProject } from '../files/open.ts'

type Files = Readonly<Record<string, string>>

/** The origin of a value of a project whose files stand in /p; `compose.yaml` and its override are found. */
function origin(path: Path, files: Files, given: Partial<Parameters<typeof openProject>[0]> = {}): Origin {
  const all = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/p/${name}`, text]))
  const result = openProject({
    cwd: '/p',
    env: { SHELL_VAR: 'sh' },
    fileSystem: { readFile: name => all[name], exists: name => Object.hasOwn(all, name) },
    ...given,
  })
  expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const found = result.project?.origins.of(path)
  if (found === undefined) throw new Error(`no origin of ${path.join('.')}`)
  return found
}

function at(file: string, line: number, column: number): object {
  return { file: `/p/${file}`, start: { line, column } }
}

const web = (rest: string): Files => ({ 'compose.yaml': `services:\n  web:\n    image: x\n${rest}` })
const inWeb = (...keys: Path): Path => ['services', 'web', ...keys]

describe('a written value', () => {
  test('has its place, in map and list form alike', () => {
    const files = web('    environment:\n      A: "1"\n    labels: [x.y=2]\n')
    expect(origin(inWeb('environment', 'A'), files)).toMatchObject({
      range: at('compose.yaml', 5, 10),
      written: '1',
      variables: [],
      through: [],
      overrode: [],
    })
    expect(origin(inWeb('labels', 'x.y'), files)).toMatchObject({
      range: at('compose.yaml', 6, 14),
      written: '2',
    })
  })

  test('of a short form keeps the form as written, and says what the form leaves out', () => {
    const files = web('    ports: ["8080:80"]\n    volumes: [./a:/b]\n')
    expect(origin(inWeb('ports', 0, 'target'), files)).toMatchObject({ written: '8080:80' })
    expect(origin(inWeb('ports', 0, 'protocol'), files)).toMatchObject({ rule: 'port-protocol' })
    expect(origin(inWeb('volumes', 0, 'source'), files)).toMatchObject({ written: './a:/b' })
    expect(origin(inWeb('volumes', 0, 'bind', 'create_host_path'), files)).toMatchObject({
      rule: 'create-host-path',
      range: at('compose.yaml', 5, 15),
    })
  })

  test('of extra_hosts is found although the model sorts them', () => {
    const files = web('    extra_hosts: ["b:1.1.1.1", "a:2.2.2.2"]\n')
    expect(origin(inWeb('extra_hosts', 0), files).written).toBe('a:2.2.2.2')
  })
})

describe('variables', () => {
  const files = (text: string): Files => ({
    ...web(`    user: "${text}"\n`),
    '.env': '# a note\nTAG=1\nBLANK=\n',
  })
  const variables = (text: string, given: object = {}): unknown =>
    origin(inWeb('user'), files(text), given).variables

  test.each<[string, object]>([
    ['$TAG', { name: 'TAG', value: '1', source: 'file', range: at('.env', 2, 1), used: 'value' }],
    ['${SHELL_VAR}', { name: 'SHELL_VAR', value: 'sh', source: 'environment', used: 'value' }],
    ['${NOPE:-d}', { name: 'NOPE', source: 'unset', used: 'default', text: 'd' }],
    ['${BLANK:-d}', { name: 'BLANK', value: '', source: 'file', used: 'default', text: 'd' }],
    ['${TAG:+alt}', { name: 'TAG', source: 'file', used: 'alternate', text: 'alt' }],
    ['${NOPE}x', { name: 'NOPE', source: 'unset', used: 'blank' }],
    ['$COMPOSE_PROJECT_NAME', { source: 'project-name', value: 'p' }],
  ])('%s', (text, expected) => expect(variables(text)).toMatchObject([expected]))

  test('of an operand that is not used are not told', () => {
    expect(variables('${TAG:-$NOPE}')).toMatchObject([{ name: 'TAG' }])
    expect(variables('${NOPE:-$TAG}')).toMatchObject([{ name: 'NOPE', text: '1' }, { name: 'TAG' }])
  })

  test('the shell wins over .env, --env-file over .env, the later file over the earlier', () => {
    expect(variables('$TAG', { env: { TAG: '2' } })).toMatchObject([{ source: 'environment', value: '2' }])
    const more = { ...files('$TAG'), 'a.env': 'TAG=3', 'b.env': '\r\nTAG=4\r\n' }
    const found = origin(inWeb('user'), more, { envFiles: ['a.env', 'b.env'] }).variables
    expect(found).toMatchObject([{ value: '4', range: at('b.env', 2, 1) }])
  })

  test('reach every part of a short form and of a command', () => {
    const rest = { '.env': 'P=80\n' }
    const ports = { ...web('    ports: ["$P:$P"]\n    command: [a, $P]\n'), ...rest }
    expect(origin(inWeb('ports', 0, 'published'), ports).variables).toMatchObject([{ name: 'P' }])
    expect(origin(inWeb('command'), ports).variables).toMatchObject([{ name: 'P' }])
  })

  test('without a value are taken from the environment, or stay unset', () => {
    const passed = web('    environment: [SHELL_VAR, NOPE]\n')
    expect(origin(inWeb('environment', 'SHELL_VAR'), passed)).toMatchObject({
      rule: 'pass-through',
      variables: [{ source: 'environment', value: 'sh' }],
    })
    expect(origin(inWeb('environment', 'NOPE'), passed).variables).toMatchObject([{ source: 'unset' }])
  })
})

describe('what a value overrode', () => {
  test('is a chain over files and documents, the latest first', () => {
    const files = {
      'compose.yaml': 'services: {web: {image: a}}\n---\nservices: {web: {image: b}}\n',
      'compose.override.yaml': 'services: {web: {image: c}}\n',
    }
    expect(origin(inWeb('image'), files)).toMatchObject({
      range: at('compose.override.yaml', 1, 25),
      overrode: [
        { value: 'b', range: at('compose.yaml', 3, 25) },
        { value: 'a', range: at('compose.yaml', 1, 25) },
      ],
    })
  })

  test('goes on through extends and env_file', () => {
    const files = {
      'compose.yaml':
        'services:\n  base: {image: x, environment: {A: base}}\n  web:\n    extends: base\n    env_file: a.env\n    environment: {A: own}\n',
      'compose.override.yaml': 'services: {web: {environment: [A=over]}}\n',
      'a.env': 'B=1\nA=file\n',
    }
    expect(origin(inWeb('environment', 'A'), files).overrode).toMatchObject([
      { value: 'own', range: at('compose.yaml', 6, 22) },
      { value: 'base', through: [{ kind: 'extends', service: 'base' }] },
      { value: 'file', rule: 'env-file', range: at('a.env', 2, 1) },
    ])
  })

  test('counts where a whole command or section was replaced', () => {
    const files = {
      ...web('    command: old one\n    environment: {A: "1", B: "2"}\n'),
      'compose.override.yaml': 'services: {web: {command: [new], environment: !override {A: "3"}}}\n',
    }
    expect(origin(inWeb('command', 0), files).overrode).toMatchObject([{ value: 'old one' }])
    expect(origin(inWeb('environment', 'A'), files).overrode).toMatchObject([{ value: '1' }])
  })
})

describe('the way of a value', () => {
  const extended = {
    'compose.yaml':
      'services:\n  web:\n    extends: {file: common.yaml, service: base}\n    image: x\n    cap_add: [A]\n',
    'common.yaml':
      'x-root: &root {user: "1"}\nservices:\n  base: {extends: deep, cap_add: [B]}\n  deep: {<<: *root, init: true}\n',
  }

  test('through extends names file and service of each step, then the alias', () => {
    expect(origin(inWeb('cap_add', 0), extended).through).toMatchObject([
      { kind: 'extends', file: '/p/common.yaml', service: 'base', range: at('compose.yaml', 3, 14) },
    ])
    expect(origin(inWeb('user'), extended)).toMatchObject({
      range: at('common.yaml', 1, 22),
      through: [
        { kind: 'extends', service: 'base' },
        { kind: 'extends', service: 'deep', range: at('common.yaml', 3, 19) },
        { kind: 'alias', name: 'root', merge: true, range: at('common.yaml', 4, 14) },
      ],
    })
    expect(origin(inWeb('cap_add', 1), extended).through).toEqual([])
  })

  test('is short where a service has itself what it extends: nothing was replaced', () => {
    const text =
      'x-a: &a {A: "1"}\nservices:\n  base: {image: x, environment: *a}\n  web: {extends: base, environment: *a}\n'
    expect(origin(inWeb('environment', 'A'), { 'compose.yaml': text })).toMatchObject({
      through: [{ kind: 'alias', name: 'a', range: at('compose.yaml', 4, 37) }],
      overrode: [],
    })
  })

  test('through include has the include’s own variables', () => {
    const files = {
      'compose.yaml': 'include: [inc/a.yaml]\nservices: {own: {image: x}}\n',
      'inc/a.yaml': 'include: [b.yaml]\n',
      'inc/b.yaml': 'services: {web: {image: "x:$V"}}\n',
      'inc/.env': '\nV=5\n',
    }
    expect(origin(inWeb('image'), files)).toMatchObject({
      range: at('inc/b.yaml', 1, 25),
      variables: [{ name: 'V', value: '5', range: at('inc/.env', 2, 1) }],
      through: [
        { kind: 'include', file: '/p/inc/a.yaml', range: at('compose.yaml', 1, 11) },
        { kind: 'include', file: '/p/inc/b.yaml', range: at('inc/a.yaml', 1, 11) },
      ],
    })
  })

  test('through aliases tells the one on this path, nested ones and `<<` lists', () => {
    const text = [
      'x-a: &a {A: "1"}',
      'x-b: &b {<<: *a, B: "2"}',
      'x-c: &c {C: "3"}',
      'services:',
      '  web:',
      '    image: x',
      '    labels: *a',
      '    environment: {<<: [*c, *b], D: "4"}',
      '    annotations: *a',
      '',
    ].join('\n')
    const through = (...keys: Path): unknown =>
      origin(inWeb(...keys), { 'compose.yaml': text }).through.map(step => [
        step.kind === 'alias' && step.name,
        step.range?.start.line,
      ])
    expect(through('labels', 'A')).toEqual([['a', 7]])
    expect(through('annotations', 'A')).toEqual([['a', 9]])
    expect(through('environment', 'A')).toEqual([
      ['b', 8],
      ['a', 2],
    ])
    expect(through('environment', 'C')).toEqual([['c', 8]])
    expect(through('environment', 'D')).toEqual([])
  })
})

describe('lines of dotenv files', () => {
  const files = {
    ...web(
      '    env_file: [{path: raw.env, format: raw}, a.env]\n    label_file: l.env\n    environment: {OWN: o}\n',
    ),
    'a.env':
      '\uFEFF# HIT in a note\r\n\r\nHIT=1\r\nexport TWO="a\r\nb"\r\nREF=$OWN-$HIT-$SHELL_VAR\r\nSHELL_VAR\r\n',
    'raw.env': 'X=1\n  RAW=$no\n',
    'l.env': 'l.a=$SHELL_VAR\n',
  }

  test('are exact, with a byte order mark and carriage returns', () => {
    expect(origin(inWeb('environment', 'HIT'), files)).toMatchObject({
      rule: 'env-file',
      range: at('a.env', 3, 1),
    })
    expect(origin(inWeb('environment', 'TWO'), files)).toMatchObject({ range: at('a.env', 4, 1) })
    expect(origin(inWeb('environment', 'RAW'), files)).toMatchObject({ range: at('raw.env', 2, 3) })
    expect(origin(inWeb('labels', 'l.a'), files)).toMatchObject({
      rule: 'label-file',
      variables: [{ source: 'environment' }],
    })
  })

  test('tell the variables in them: the service’s own, earlier lines, the shell’s', () => {
    expect(origin(inWeb('environment', 'REF'), files).variables).toMatchObject([
      { name: 'OWN', value: 'o', source: 'service', range: at('compose.yaml', 6, 24) },
      { name: 'HIT', value: '1', source: 'file', range: at('a.env', 3, 1) },
      { name: 'SHELL_VAR', source: 'environment' },
    ])
    expect(origin(inWeb('environment', 'SHELL_VAR'), files).variables).toMatchObject([{ value: 'sh' }])
  })
})

describe('values that nobody wrote', () => {
  const files = web(
    [
      '    build: {target: t}',
      '    ports: [80]',
      '    secrets: [s]',
      '    depends_on: [db]',
      '    links: [cache]',
      '    devices: [/dev/null]',
      '    scale: 2',
      '    deploy: {}',
      '    ulimits: {nofile: {soft: 1, hard: 2}}',
      '  db: {image: x, network_mode: "service:cache"}',
      '  cache: {image: x}',
      'secrets: {s: {environment: SHELL_VAR}}',
      '',
    ].join('\n'),
  )
  test.each<[Path, string]>([
    [inWeb('build', 'context'), 'build-context'],
    [inWeb('build', 'dockerfile'), 'dockerfile'],
    [inWeb('ports', 0, 'mode'), 'port-mode'],
    [inWeb('secrets', 0, 'target'), 'secret-target'],
    [inWeb('depends_on', 'db', 'condition'), 'dependency-condition'],
    [inWeb('depends_on', 'cache', 'restart'), 'implied-by-links'],
    [['services', 'db', 'depends_on', 'cache', 'required'], 'implied-by-network_mode'],
    [inWeb('devices', 0, 'permissions'), 'device-permissions'],
    [inWeb('deploy', 'replicas'), 'replicas-of-scale'],
    [inWeb('networks', 'default'), 'default-network'],
    [['networks', 'default', 'name'], 'resource-name'],
    [['secrets', 's', 'content'], 'content-of-variable'],
    [inWeb('command'), 'image-command'],
    [['name'], 'project-folder'],
  ])('%j by %s', (path, rule) => expect(origin(path, files)).toMatchObject({ rule }))

  test('the name of the project: the file’s, or what was given over it', () => {
    const named = { 'compose.yaml': 'name: own\nservices: {web: {image: x}}\n' }
    expect(origin(['name'], named)).toMatchObject({ range: at('compose.yaml', 1, 7) })
    expect(origin(['name'], named).rule).toBeUndefined()
    expect(origin(['name'], named, { projectName: 'p' })).toMatchObject({
      rule: 'project-name',
      overrode: [{ value: 'own' }],
    })
    const byVariable = { ...named, '.env': 'COMPOSE_PROJECT_NAME=env\n' }
    const given = origin(['name'], byVariable)
    expect(given.range).toBeUndefined()
    expect(given.variables).toMatchObject([{ range: at('.env', 1, 1) }])
  })

  test('a service that no profile enables has origins, too', () => {
    const disabled = web('    profiles: [debug]\n  b: {image: x}\n')
    expect(origin(inWeb('image'), disabled)).toMatchObject({ range: at('compose.yaml', 3, 12) })
  })
})
