import { nearest } from '../../diagnostics/nearest.ts'
import type { Project } from '../../model/index.ts'
import { perService, type Rule } from '../rule.ts'

const MODES = ['host', 'none', 'bridge', 'default']

/** NETWORK_MODE_UNKNOWN */
export const networkModeUnknown: Rule = {
  code: 'NETWORK_MODE_UNKNOWN',
  severity: 'warning',
  about: 'A network_mode is no mode, and names no network of the file',
  find: perService(function* ({ service: { network_mode: mode = '' }, path, project }) {
    if (mode === '' || MODES.includes(mode) || /^(service|container):/.test(mode)) return
    const { networks = {} } = project.model
    // By its name on the engine a network of the file is found there.
    if (Object.entries(networks).some(([key, { name }]) => (name ?? key) === mode)) return
    yield {
      path: [...path, 'network_mode'],
      summary: `"${mode}" is neither a mode nor a network of this file`,
      hint: hintFor(mode, project),
    }
  }),
}

function hintFor(mode: string, { model: { networks = {}, services } }: Project): string {
  if (Object.hasOwn(networks, mode)) return `to join the network "${mode}" write networks: [${mode}]`
  if (Object.hasOwn(services, mode)) return `did you mean "service:${mode}"?`
  const [word = '', ...rest] = mode.split(':')
  const near = rest.length > 0 ? nearest(word, ['service', 'container']) : nearest(mode, MODES)
  if (near) return `did you mean "${[near, ...rest].join(':')}"?`
  return 'modes are host, none, bridge, service:<name> and container:<name>; a network made elsewhere is external: true, and joined by networks'
}
