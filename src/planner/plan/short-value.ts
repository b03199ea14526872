import { attributesOf, SERVICE } from '../../model/attributes/index.ts'
import { parseBytes, shortBytes } from '../../notation/index.ts'

/**
 * A value of a change as a file would have it: `100m` for bytes, `127.0.0.1:8080:80` for a port, `/tmp:/data:ro` for a mount,
 * lists and mappings without JSON's quotes. Texts keep their quotes, so that "1" is told from 1. What is no JSON stands as it is.
 */
export function shortValue(path: string, text: string): string {
  const value = parse(text)
  if (value === undefined) return text
  if (isSize(path) && (typeof value === 'string' || typeof value === 'number')) return sizeOf(String(value))
  if (isObject(value)) {
    if (path.startsWith('ports[')) return portOf(value) ?? flow(value)
    if (path.startsWith('volumes[')) return mountOf(value) ?? flow(value)
  }
  return typeof value === 'object' && value !== null ? flow(value) : text
}

type Json = Readonly<Record<string, unknown>>

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

let sizes: ReadonlySet<string> | undefined

/** Whether the attribute is a number of bytes: it is shown in few plans, so the table is looked through when one is. */
function isSize(path: string): boolean {
  sizes ??= new Set(
    attributesOf(SERVICE)
      .filter(({ field }) => field.shape.type === 'bytes')
      .map(attribute => attribute.path.join('.')),
  )
  return sizes.has(path)
}

function sizeOf(text: string): string {
  const bytes = parseBytes(text)
  return bytes === undefined ? text : shortBytes(bytes)
}

/** `[IP:]HOST:CONTAINER[/udp]`; undefined where there is more to say than that. */
function portOf({
  target,
  published,
  host_ip: address,
  protocol = 'tcp',
  mode = 'ingress',
  ...rest
}: Json): string | undefined {
  if (Object.keys(rest).length > 0 || mode !== 'ingress') return undefined
  const host = address === undefined ? '' : `${String(address).includes(':') ? `[${address}]` : address}:`
  const port = published === undefined && host === '' ? '' : `${published ?? ''}:`
  return `${host}${port}${target}${protocol === 'tcp' ? '' : `/${protocol}`}`
}

/** `[SOURCE:]TARGET[:ro]`; undefined where there is more to say than that. */
function mountOf({
  type,
  source,
  target,
  read_only: readOnly,
  bind,
  volume,
  ...rest
}: Json): string | undefined {
  const isPlain = isOnly(bind, 'create_host_path', true) && isOnly(volume, '', undefined)
  if (Object.keys(rest).length > 0 || !isPlain || (type !== 'bind' && type !== 'volume')) return undefined
  return [...(source === undefined ? [] : [source]), target, ...(readOnly === true ? ['ro'] : [])].join(':')
}

/** True for what has no other key than this one with this value. */
function isOnly(value: unknown, key: string, wanted: unknown): boolean {
  if (value === undefined) return true
  return isObject(value) && Object.entries(value).every(([name, each]) => name === key && each === wanted)
}

/** As in a YAML file's flow: `{soft: 10, hard: 20}`, `[a, b]`; a text has quotes where it would be another value without. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}: ${flow(each)}`)
      .join(', ')}}`
  return typeof value === 'string' &&
    /^[A-Za-z/.][\w./:=@+-]*$/.test(value) &&
    !/^(?:true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value)
}
