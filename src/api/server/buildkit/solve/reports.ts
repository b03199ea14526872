import { failure } from '../../../../diagnostics/index.ts'
import type { DockerfileOutline, DockerfileReport } from '../../../backend/solves.ts'

type Metadata = Readonly<Record<string, Uint8Array>>

/** An answer in the two forms that clients show. */
interface Report {
  readonly json: object
  readonly text: string
}

const REPORTS: Readonly<Record<string, (report: DockerfileReport) => Report>> = {
  'frontend.lint': lint,
  'frontend.outline': ({ outline, text }) => outlined(outline, text),
  'frontend.targets': targets,
}

/** What clients get of a request that is no build, in the two forms that they show. Raises SUBREQUEST_UNSUPPORTED. */
export async function reportMetadata(
  name: string,
  report: () => Promise<DockerfileReport>,
): Promise<Metadata> {
  if (name === 'frontend.subrequests.describe') return metadataOf(described())
  const write = Object.hasOwn(REPORTS, name) ? REPORTS[name] : undefined
  if (write === undefined)
    throw failure({
      code: 'SUBREQUEST_UNSUPPORTED',
      kind: 'notImplemented',
      summary: `unsupported request ${name}`,
      hint: 'check, outline and targets are answered',
    })
  const found = await report()
  const metadata = metadataOf(write(found))
  return name === 'frontend.lint'
    ? { ...metadata, 'result.statuscode': Buffer.from(found.findings.length === 0 ? '0' : '1') }
    : metadata
}

function metadataOf({ json, text }: Report): Metadata {
  return {
    // Clients print it as it is.
    'result.json': Buffer.from(JSON.stringify(json, undefined, 2)),
    'result.txt': Buffer.from(text),
    version: Buffer.from('1.0.0'),
  }
}

function lint({ findings, file, text }: DockerfileReport): Report {
  const warnings = findings.map(({ rule, text: detail, line }) => ({
    ruleName: rule,
    url: pageOf(rule),
    detail,
    location: line === undefined ? { ranges: [] } : at(line),
  }))
  const sources = [{ filename: file, data: base64(text), language: 'Dockerfile' }]
  return {
    json: { warnings: warnings.length === 0 ? null : warnings, sources },
    text: findings.map(finding => lintLines(finding, file, text)).join(''),
  }
}

/** Where Docker says more of the rule of that name. */
function pageOf(rule: string): string {
  const words = rule.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
  return `https://docs.docker.com/go/dockerfile/rule/${words}/`
}

const AROUND = 3

/** A finding with the lines about it, as clients show it. */
function lintLines(
  { rule, text: detail, line }: DockerfileReport['findings'][number],
  file: string,
  text: string,
): string {
  const head = `\nWARNING: ${rule} - ${pageOf(rule)}\n${detail}\n`
  if (line === undefined) return head
  const lines = text.split('\n')
  const first = Math.max(1, line - AROUND)
  const shown = lines.slice(first - 1, line + AROUND).map((each, index) => {
    const number = first + index
    return `${String(number).padStart(4)} | ${number === line ? '>>>' : '   '} ${each}`
  })
  const rule20 = '-'.repeat(20)
  return `${head}\n${file}:${line}\n${rule20}\n${shown.join('\n')}\n${rule20}\n`
}

function targets({ stages, target, text }: DockerfileReport): Report {
  const json = {
    targets: stages.map(({ name, description, base, line }, index) => ({
      ...(name === '' ? {} : { name }),
      ...(index === target ? { default: true } : {}),
      ...(description === undefined ? {} : { description }),
      base,
      location: at(line),
    })),
    sources: [base64(text)],
  }
  const rows = stages.map(({ name, description = '' }, index) => [
    `${name}${index === target ? ' (default)' : ''}`.trim(),
    description,
  ])
  return { json, text: table([['TARGET', 'DESCRIPTION'], ...rows]) }
}

function outlined({ name, description, args, secrets, agents }: DockerfileOutline, text: string): Report {
  const mounts = (all: DockerfileOutline['secrets']): readonly object[] =>
    all.map(each => ({
      name: each.name,
      ...(each.isRequired ? { required: true } : {}),
      location: at(each.line),
    }))
  const json = {
    ...(name === '' ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...some(
      'args',
      args.map(arg => ({ ...shortArg(arg), location: at(arg.line) })),
    ),
    ...some('secrets', mounts(secrets)),
    ...some('ssh', mounts(agents)),
    sources: [base64(text)],
  }
  const rows = (all: DockerfileOutline['secrets']): string[][] =>
    all.map(each => [each.name, each.isRequired ? 'true' : ''])
  const tables = [
    [
      ['BUILD ARG', 'VALUE', 'DESCRIPTION'],
      ...args.map(arg => [arg.name, arg.value ?? '', arg.description ?? '']),
    ],
    [['SECRET', 'REQUIRED'], ...rows(secrets)],
    [['SSH', 'REQUIRED'], ...rows(agents)],
  ]
  const head = `${name === '' ? '' : `TARGET: ${name}\n\n`}`
  return {
    json,
    text:
      head +
      tables
        .filter(rows => rows.length > 1)
        .map(table)
        .join('\n'),
  }
}

function shortArg({ name, value = '', description }: DockerfileOutline['args'][number]): object {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(value === '' ? {} : { value }),
  }
}

/** A list where there is something in it. */
function some(key: string, list: readonly object[]): object {
  return list.length === 0 ? {} : { [key]: list }
}

function at(line: number): object {
  return { ranges: [{ start: { line }, end: { line } }] }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function table(rows: readonly (readonly string[])[]): string {
  const [first = []] = rows
  const widths = first.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(
      row =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** What may be asked for; a check is a way to build. */
function described(): Report {
  const all = [
    {
      name: 'frontend.outline',
      description: 'List all parameters current build target supports',
      opts: [{ name: 'target', description: 'Target build stage' }],
    },
    { name: 'frontend.targets', description: 'List all targets current build supports', opts: [] },
    { name: 'frontend.subrequests.describe', description: 'List available subrequest types', opts: null },
  ]
  const version = '1.0.0'
  const metadata = ['result.json', 'result.txt'].map(name => ({ name, description: '' }))
  const json = all.map(({ name, description, opts }) => ({
    name,
    version,
    type: 'rpc',
    description,
    opts,
    inputs: null,
    metadata,
    refs: null,
  }))
  const rows = all.map(({ name, description }) => [name, version, description])
  return { json, text: table([['NAME', 'VERSION', 'DESCRIPTION'], ...rows]) }
}
