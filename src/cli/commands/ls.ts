import { failure } from '../../diagnostics/index.ts'
import { type ListedInstance, type ListedProject, projects } from '../../project/projects.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, list, text } from '../option.ts'
import type { Listing } from '../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../views/listing/open-format.ts'

/** `tscompose ls`. */
export const command: Command = defineCommand({
  description: 'Lists the projects that have running containers, whatever folder they are of.',
  options: {
    all: flag('-a, --all', 'Those of which nothing runs, too'),
    filter: list('--filter <filter>', 'Only where name=REGEX; may be repeated'),
    quiet: flag('-q, --quiet', 'Names alone'),
    format: text('--format <format>', FORMAT_HELP),
  },
  examples: [['tscompose ls -a --format json', 'one array, for programs']],
  run: async (context, _args, { all, filter, quiet, format }) => {
    const names = filter.map(nameFilter)
    // As with Docker Compose, which takes none here: a word is a form that was mistyped.
    if (format !== undefined && /^\w+$/.test(format) && !FORMS.includes(format)) throw wrongForm(format)
    const found = await projects({ env: context.env }, { all })
    const shown = found.filter(({ name }) => names.length === 0 || names.some(each => each.test(name)))
    const hasInstances = shown.some(({ instance }) => instance !== undefined)
    const render = await openFormat(hasInstances ? WITH_INSTANCES : PROJECTS, format)
    context.streams.stdout.write(quiet ? shown.map(({ name }) => `${name}\n`).join('') : render(shown))
    return EXIT.ok
  },
})

const FORMS = ['table', 'json', 'raw']

function wrongForm(format: string): Error {
  return failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `--format: there is no form "${format}"`,
    hint: 'want table, json or a template: {{.Name}}',
  })
}

const PROJECTS: Listing<ListedProject> = {
  fields: {
    Name: { title: 'NAME', of: ({ name }) => name },
    Status: { title: 'STATUS', of: statusText },
    ConfigFiles: { title: 'CONFIG FILES', of: ({ configFiles }) => configFiles.join(',') || 'N/A' },
    Instance: { title: 'INSTANCE', of: ({ instance }) => instance?.name ?? '' },
    Localhost: { title: 'AT LOCALHOST', of: ({ instance }) => hostText(instance) },
    Address: { title: 'ADDRESS', of: ({ instance }) => instance?.address ?? '' },
  },
  columns: ['Name', 'Status', 'ConfigFiles'],
  json: shown => `${JSON.stringify(shown.map(compose))}\n`,
  form: { narrowest: 20 },
}

/** As Docker Compose's, where there is nothing that it does not know. */
const WITH_INSTANCES: Listing<ListedProject> = {
  ...PROJECTS,
  columns: ['Name', 'Instance', 'Address', 'Localhost', 'Status', 'ConfigFiles'],
}

/** `a.shop.localhost (not 8080)`. */
function hostText(
  { host, silent }: Pick<ListedInstance, 'host' | 'silent'> = { host: '', silent: [] },
): string {
  return silent.length === 0 ? host : `${host} (not ${silent.join(', ')})`
}

/** `exited(1), running(2)`. */
function statusText({ states, mended }: ListedProject): string {
  const known = Object.entries(states).sort(([a], [b]) => (a < b ? -1 : 1))
  const words = known.map(([state, count]) => `${state}(${count})`)
  return [...words, ...(mended ? ['repaired'] : [])].join(', ')
}

function compose(project: ListedProject): object {
  const { name, configFiles, instance } = project
  return {
    Name: name,
    Status: statusText(project),
    ConfigFiles: configFiles.join(',') || 'N/A',
    ...(instance === undefined
      ? {}
      : { Instance: instance.name, Address: instance.address, Localhost: hostText(instance) }),
  }
}

function nameFilter(filter: string): RegExp {
  const [key, ...value] = filter.split('=')
  const problem = (want: string): Error =>
    failure({
      code: 'FLAG_VALUE',
      kind: 'invalidArgument',
      summary: `--filter: got "${filter}", want ${want}`,
    })
  if (key !== 'name' || value.length === 0) throw problem('name=REGEX')
  try {
    return new RegExp(value.join('='))
  } catch (error) {
    if (error instanceof SyntaxError) throw problem('a regular expression after name=')
    throw error
  }
}
