import { failure } from '../../../../diagnostics/index.ts'
import type { DockerfileReport } from '../../../backend/solves.ts'

type Metadata = Readonly<Record<string, Uint8Array>>

const REPORTS: Readonly<
  Record<string, (report: DockerfileReport) => { readonly json: object; readonly text: string }>
> = {
  'frontend.lint': lint,
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
      hint: 'check and targets are answered',
    })
  const found = await report()
  const metadata = metadataOf(write(found))
  return name === 'frontend.lint'
    ? { ...metadata, 'result.statuscode': Buffer.from(found.findings.length === 0 ? '0' : '1') }
    : metadata
}

function metadataOf({ json, text }: { readonly json: object; readonly text: string }): Metadata {
  return {
    'result.json': Buffer.from(JSON.stringify(json)),
    'result.txt': Buffer.from(text),
    version: Buffer.from('1.0.0'),
  }
}

function lint({ findings, file, text }: DockerfileReport): { readonly json: object; readonly text: string } {
  const warnings = findings.map(({ rule, text: detail, line }) => ({
    ruleName: rule,
    detail,
    location: { ranges: line === undefined ? [] : [{ start: { line }, end: { line } }] },
  }))
  const sources = [{ filename: file, language: 'Dockerfile', data: Buffer.from(text).toString('base64') }]
  return {
    json: { warnings, sources },
    text: findings.map(finding => lintLines(finding, file, text)).join(''),
  }
}

const AROUND = 3

/** A finding with the lines about it, as clients show it. */
function lintLines(
  { rule, text: detail, line }: DockerfileReport['findings'][number],
  file: string,
  text: string,
): string {
  const head = `\nWARNING: ${rule}\n${detail}\n`
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

function targets({ stages, target }: DockerfileReport): { readonly json: object; readonly text: string } {
  const json = {
    targets: stages.map(({ name, base, line }, index) => ({
      ...(name === '' ? {} : { name }),
      base,
      ...(index === target ? { default: true } : {}),
      location: { ranges: [{ start: { line }, end: { line } }] },
    })),
  }
  const rows = stages.map(({ name }, index) => `${name}${index === target ? ' (default)' : ''}`)
  return { json, text: `TARGET\n${rows.join('\n')}\n` }
}

function described(): { readonly json: object; readonly text: string } {
  const json = [
    { name: 'frontend.lint', version: '1.0.0', type: 'rpc', description: 'Lint Dockerfile' },
    {
      name: 'frontend.targets',
      version: '1.0.0',
      type: 'rpc',
      description: 'List all targets current build supports',
    },
    {
      name: 'frontend.subrequests.describe',
      version: '1.0.0',
      type: 'rpc',
      description: 'List available subrequest types',
    },
  ]
  const text = json.map(({ name, version, description }) => `${name}\t${version}\t${description}`).join('\n')
  return { json, text: `NAME\tVERSION\tDESCRIPTION\n${text}\n` }
}
