import type { Path } from '../../../model/index.ts'
import { type Context, type GivenOptions, type Subject, subjectOf } from './context.ts'
import { isLabelKey, isLabelValue } from './names.ts'

/** What Kubernetes wants of a text that it reads, in words, and whether one is so. */
interface Rule {
  readonly isMet: (text: string) => boolean
  readonly wants: string
}

const OBJECT: Rule = {
  isMet: isDomain,
  wants:
    'small letters, digits, "-" and ".", 253 at most, each part beginning and ending with a letter or digit',
}

const HOST: Rule = {
  isMet: text => isDomain(text.replace(/^\*\./, '')) && !/^[\d.]+$/.test(text),
  wants:
    'a name of small letters, digits, "-" and ".", such as shop.example or *.shop.example, and no address',
}

const GATEWAY: Rule = {
  isMet: text => text.split('/').length <= 2 && text.split('/').every(isDomain),
  wants: 'NAME or NAMESPACE/NAME',
}

/** As a Gateway takes a path, and an Ingress for prefixes. */
const ROUTE_PATH: Rule = {
  isMet: text =>
    text.length <= 1024 &&
    /^\/(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$/.test(text) &&
    !/\/\/|\/\.{1,2}(?:\/|$)|%2f/i.test(text),
  wants:
    'a path that begins with "/", without "//", "/./", "/../" and "%2f", and with other characters than those of a URL as %XX',
}

const PROJECT_RULES = [
  ['host', 'host', HOST],
  ['gateway', 'gateway', GATEWAY],
  ['ingress_class', 'ingressClass', OBJECT],
  ['storage_class', 'storageClass', OBJECT],
] as const satisfies readonly (readonly [string, keyof GivenOptions, Rule])[]

const SERVICE_RULES = [
  ['host', HOST],
  ['path', ROUTE_PATH],
  ['gateway', GATEWAY],
  ['ingress_class', OBJECT],
  ['tls_secret', OBJECT],
  ['service_account', OBJECT],
] as const

const EXTENSION = 'x-tscompose-kubernetes'

/**
 * Refuses what only Kubernetes reads, and does not take, each with its line: another host, path or node than was meant would lose
 * more than a conversion that fails.
 */
export function refuseValues(context: Context): void {
  const { model } = context.project
  for (const [attribute, option, rule] of PROJECT_RULES) {
    const isWritten = model[EXTENSION]?.[attribute] !== undefined
    check(context, isWritten ? [EXTENSION, attribute] : [], attribute, context.options[option], rule)
  }
  for (const name of Object.keys(model.services)) {
    const subject = subjectOf(context, name)
    if (subject !== undefined) refuseOfService(subject)
  }
  for (const [name, volume] of Object.entries(model.volumes ?? {})) {
    const path = ['volumes', name, EXTENSION, 'storage_class']
    check(context, path, 'storage_class', volume[EXTENSION]?.storage_class, OBJECT)
  }
}

function refuseOfService({ context, service, path }: Subject): void {
  const { [EXTENSION]: own } = service
  if (own === undefined) return
  const at = [...path, EXTENSION]
  for (const [attribute, rule] of SERVICE_RULES)
    check(context, [...at, attribute], attribute, own[attribute], rule)
  for (const [index, secret] of (own.image_pull_secrets ?? []).entries())
    check(context, [...at, 'image_pull_secrets', index], 'image_pull_secrets', secret, OBJECT)
  for (const [key, value] of Object.entries(own.node_selector ?? {}))
    if (!isLabelKey(key) || !isLabelValue(value))
      context.notes.refuse(
        [...at, 'node_selector', key],
        `no node has the label "${key}=${value}"`,
        'want keys and values of at most 63 letters, digits, "-", "_" and ".", a key behind DOMAIN/ perhaps',
      )
}

function check(context: Context, path: Path, name: string, text: string | undefined, rule: Rule): void {
  if (text === undefined || rule.isMet(text)) return
  context.notes.refuse(path, `Kubernetes takes "${text}" as no ${name}`, `want ${rule.wants}`)
}

/** As RFC 1123 has names of machines: labels between dots. */
function isDomain(text: string): boolean {
  return (
    text.length <= 253 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(text)
  )
}
