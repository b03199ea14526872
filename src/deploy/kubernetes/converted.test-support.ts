import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { convertText } from './convert-text.test-support.ts'
import { type Conversion, filesOf, type OutputFormat } from './index.ts'

const FOLDER = join(import.meta.dirname, 'testing/fixtures')

/** Files of the machine that the Compose files of the folder `fixtures` name. */
const FILES = {
  '/srv/shop/password.txt': 'hunter2\n',
  '/srv/shop/prometheus.yml': 'global: {scrape_interval: 15s}\n',
  '/srv/shop/logo.bin': Uint8Array.of(0, 1, 2, 255),
}

/** Names of the Compose files that are converted. */
export const FIXTURES: readonly string[] = readdirSync(FOLDER).sort()

/** One of them as it is in a cluster. */
export function converted(name: string): Conversion {
  return convertText(readFileSync(join(FOLDER, name), 'utf8'), { files: FILES })
}

/** Its files by their paths. */
export function writtenAs(name: string, format: OutputFormat): ReadonlyMap<string, string> {
  return new Map(filesOf(converted(name), format).map(({ path, text }) => [path, text]))
}

/** An object as it is read again from YAML. */
export interface Read {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [key: string]: unknown
}

/** All objects of a text, read by YAML 1.1, which Kubernetes has. */
export function readObjects(text: string): Read[] {
  return parseAllDocuments(text, { version: '1.1' }).map(document => document.toJS() as Read)
}

/** All objects of the manifests. */
export function objectsIn(name: string): Read[] {
  return [...writtenAs(name, 'manifests').values()].flatMap(readObjects)
}
