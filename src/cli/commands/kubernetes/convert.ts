import { relative, resolve } from 'node:path'
import { renderGrouped } from '../../../diagnostics/index.ts'
import { type Conversion, type Converted, convertToKubernetes } from '../../../project/kubernetes/convert.ts'
import type { CommandContext } from '../../command.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { choice, flag, given, text } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { tellDryRun } from '../../work.ts'

/** `tscompose convert kubernetes`. */
export const command: Command = defineCommand({
  description:
    'Writes what the project is in Kubernetes: plain manifests, a base of kustomize or a chart of Helm. Needs neither an engine nor a cluster. ' +
    'What a cluster does not do as the file has it is told, with its line; --explain tells why each object is as it is.\n' +
    'Files that an earlier run wrote into the folder are replaced, or removed. Secrets are in a file of their own; it, and what has values of variables, nobody else may read.',
  options: {
    output: text('-o, --output <folder>', 'Where the files go'),
    format: choice('--format <format>', 'What is written (default manifests)', [
      'manifests',
      'kustomize',
      'helm',
    ]),
    explain: flag('--explain', 'Show why each object is as it is; without --output nothing is written'),
    json: flag('--json', 'Show choices and losses as JSON'),
    namespace: text('--namespace <name>', 'Namespace of all objects (default: the name of the project)'),
    publish: choice('--publish <how>', 'How published ports are reached (default load-balancer)', [
      'load-balancer',
      'node-port',
      'ingress',
      'gateway',
      'none',
    ]),
    host: text('--host <name>', 'Host name of routes'),
    ingressClass: text('--ingress-class <name>', 'IngressClass of Ingresses'),
    gateway: text('--gateway <name>', 'Gateway of routes, [NAMESPACE/]NAME'),
    storageClass: text('--storage-class <name>', 'StorageClass of volumes'),
    noNetworkPolicies: flag('--no-network-policies', 'Let nothing keep networks apart'),
    strict: flag('--strict', 'Fail where anything is lost, and write nothing then'),
  },
  examples: [
    ['tscompose convert kubernetes -o k8s', 'Write manifests into the folder k8s'],
    ['tscompose convert kubernetes -o chart --format helm', 'Write a chart of Helm'],
    ['tscompose convert kubernetes --explain web', 'Show what becomes of web, and why'],
  ],
  run: async (context, services, options) => {
    const { explain, json, noNetworkPolicies, output, strict, ...rest } = options
    const folder = output ?? (explain || json ? undefined : DEFAULT_FOLDER)
    const isDry = context.globals.dryRun
    const converted = await convertToKubernetes(targetOf(context), {
      ...given(rest),
      services,
      ...(noNetworkPolicies ? { networkPolicies: false } : {}),
      strict,
      ...(folder === undefined || isDry ? {} : { output: resolve(context.cwd, folder) }),
    })
    const { conversion } = converted
    const isRefused = strict && conversion.losses.length > 0
    const { stdout } = context.streams
    if (json) stdout.write(`${JSON.stringify(toJson(converted), null, 2)}\n`)
    else {
      if (explain) stdout.write(explainText(conversion, context.cwd))
      tellLosses(context, converted)
      if (folder !== undefined && !isRefused) tellFiles(context, folder, converted)
    }
    return isRefused ? EXIT.failure : EXIT.ok
  },
})

/** As Docker Compose has it. */
const DEFAULT_FOLDER = 'out'

function tellLosses(context: CommandContext, { conversion, sources }: Converted): void {
  if (conversion.losses.length === 0) return
  const color = useColor(context.globals, context.streams.stderr, context.env)
  const options = { color, sourceOf: (file: string) => sources.get(file), elsewhere: '--json has them all' }
  context.streams.stderr.write(`${renderGrouped(conversion.losses, options)}\n`)
}

function tellFiles(context: CommandContext, folder: string, { files }: Converted): void {
  const paths = files.map(({ path }) => `${folder}/${path}`)
  if (context.globals.dryRun)
    tellDryRun(
      context,
      paths.map(path => `write ${path}`),
    )
  else context.streams.stdout.write(paths.map(path => `${path}\n`).join(''))
}

/** Choices, losses and the names of what is written: no object, since those hold secrets. */
function toJson({ conversion, files }: Converted): object {
  const { choices, losses, parts } = conversion
  return {
    objects: parts.flatMap(({ objects }) =>
      objects.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, name: metadata.name })),
    ),
    files: files.map(({ path }) => path),
    choices,
    losses,
  }
}

/** Choices by the object that they shaped, each with the line of the file that it follows from. */
function explainText({ choices }: Conversion, cwd: string): string {
  const byObject = new Map<string, string[]>()
  for (const { object, path, range, reason } of choices) {
    const place = range === undefined ? path : `${relative(cwd, range.file)}:${range.start.line} ${path}`
    byObject.set(object, [...(byObject.get(object) ?? []), `  ${reason}\n    ${place}\n`])
  }
  return [...byObject].map(([object, lines]) => `${object}\n${lines.join('')}`).join('')
}
