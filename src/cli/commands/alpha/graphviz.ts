import type { Port, Project, Service } from '../../../model/index.ts'
import { imageReference } from '../../../planner/index.ts'

/** What is written into a service's box beside its name, and what stands in front of lines. */
export interface GraphOptions {
  readonly image: boolean
  readonly networks: boolean
  readonly ports: boolean
  readonly indent: string
}

/** The services and what they depend on as a graph for `dot`, sorted by name: what Docker Compose draws, in a fixed order. */
export function renderGraph(project: Project, options: GraphOptions): string {
  const services = Object.entries(project.model.services).sort(([a], [b]) => (a < b ? -1 : 1))
  const { indent } = options
  const boxes = services.map(([name, service]) => {
    const label = `<font point-size="15">${escaped(name)}</font>${details(project.name, name, service, options)}`
    return `${indent}${quoted(name)} [style="filled" label=<${label}>];`
  })
  const arrows = services.flatMap(([name, { depends_on = {} }]) =>
    Object.keys(depends_on)
      .sort()
      .map(dependency => `${indent}${quoted(name)} -> ${quoted(dependency)};`),
  )
  return [`digraph ${quoted(project.name)} {`, `${indent}layout=dot;`, ...boxes, '', ...arrows, '}', ''].join(
    '\n',
  )
}

function details(project: string, name: string, service: Service, options: GraphOptions): string {
  return [
    options.networks ? list('Networks', Object.keys(service.networks ?? {}).sort()) : '',
    options.ports ? list('Ports', (service.ports ?? []).map(renderPort)) : '',
    options.image ? list('Image', [imageReference(project, name, service)]) : '',
  ].join('')
}

function list(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return `<font point-size="10"><br/><br/><b>${title}:</b><br/>${lines.map(escaped).join('<br/>')}</font>`
}

function renderPort({ host_ip, published = '', target, protocol = 'tcp', mode = 'ingress' }: Port): string {
  const address = host_ip === undefined ? '' : `${host_ip}:`
  return `${address}${published}:${target} (${protocol}, ${mode})`
}

/** Labels are HTML to `dot`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
