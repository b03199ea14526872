import type { Module } from './modules.ts'

/**
 * Who may import whom (docs/architecture.md, "Folders"). A key is a folder of `src/`, longest match first; the value
 * lists the folders that it may reach besides itself. A new edge needs a diff of this table, so that a reviewer sees it.
 */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/diagnostics': [],
  'src/graph': [],
  'src/notation': [],
  'src/go-template': ['src/diagnostics'],
  'src/linux': ['src/diagnostics'],
  'src/oci': ['src/linux', 'src/diagnostics'],
  'src/tar': ['src/linux', 'src/diagnostics'],
  'src/model': ['src/diagnostics'],
  'src/parser': ['src/model', 'src/notation', 'src/diagnostics', 'src/graph', 'schemas'],
  'src/lint': ['src/model', 'src/oci', 'src/notation', 'src/diagnostics'],
  // Plans of any engine: knows no Docker and no Compose.
  'src/planner/core': ['src/graph', 'src/diagnostics'],
  'src/planner': ['src/model', 'src/graph', 'src/notation', 'src/diagnostics'],
  'src/executor': [
    'src/planner',
    'src/model',
    'src/graph',
    'src/client',
    'src/api/types',
    'src/oci',
    'src/tar',
    'src/linux',
    'src/notation',
    'src/diagnostics',
  ],
  // Other engines of many machines: plans of the planner's core, over what each has.
  'src/deploy': [
    'src/model',
    'src/planner/core',
    'src/graph',
    'src/api/types',
    'src/oci',
    'src/notation',
    'src/diagnostics',
  ],
  'src/client': [
    'src/api/types',
    'src/api/routes.ts',
    'src/api/framing.ts',
    'src/api/shared-line.ts',
    'src/oci',
    'src/tar',
    'src/diagnostics',
  ],
  'src/api/types': ['src/diagnostics'],
  'src/api/backend': ['src/api/types', 'src/diagnostics'],
  'src/api': ['src/notation', 'src/diagnostics'],
  'src/engine': [
    'src/api/types',
    'src/api/backend',
    'src/image',
    'src/network',
    'src/native',
    'src/oci',
    'src/tar',
    'src/linux',
    'src/notation',
    'src/diagnostics',
  ],
  'src/image': ['src/native', 'src/oci', 'src/tar', 'src/linux', 'src/notation', 'src/diagnostics'],
  'src/network': ['src/native', 'src/linux', 'src/diagnostics'],
  'src/native': ['src/linux', 'src/diagnostics'],
  // The parser declares the loader's interface; images and artefacts come from registries by the same requests.
  'src/remote': [
    'src/parser/index.ts',
    'src/image/registry/index.ts',
    'src/oci',
    'src/tar',
    'src/linux',
    'src/notation',
    'src/diagnostics',
  ],
  // Looks at the machine as an engine would find it, with the engine's own means.
  'src/doctor': [
    'src/engine/cgroup',
    'src/engine/security/selinux',
    'src/network/netlink',
    'src/network/firewall/firewalld-table.ts',
    'src/network/shortcut',
    'src/native',
    'src/linux',
    'src/diagnostics',
  ],
  // In front of an engine: knows its API, and nothing of what is behind it. Who a client is the native program asks.
  'src/gateway': ['src/api', 'src/native/peer.ts', 'src/diagnostics'],
  // The application: neither argv nor streams nor text.
  'src/project': [
    'src/parser',
    'src/planner',
    'src/executor',
    'src/deploy',
    'src/client',
    'src/model',
    'src/remote',
    // A login is verified, and a plan's pulls are asked for, without an engine.
    'src/image/registry/index.ts',
    // What the engine would refuse is asked of its own checks: requests of the API in, diagnostics out, and no engine.
    'src/engine/trial',
    // Who listens for others in front of an engine.
    'src/gateway/index.ts',
    // The machine is looked at without an engine.
    'src/doctor',
    // What the engine makes itself where no registry is reached.
    'src/image/bootstrap/distribution.ts',
    'src/oci',
    'src/api/types',
    'src/api/log-gone.ts',
    'src/api/framing.ts',
    'src/tar',
    'src/linux',
    'src/notation',
    'src/diagnostics',
  ],
  // Wires the engine to its server; commands reach neither.
  'src/cli/engine.ts': [
    'src/engine',
    'src/api/server',
    'src/native',
    'src/project/state-paths.ts',
    // It runs commands of launchers, in threads that load their code by themselves.
    'src/cli/host/command-host.ts',
    'src/cli/host/hands.ts',
    'src/cli/engine-end.ts',
    'src/cli/version.ts',
    'src/diagnostics',
  ],
  // argv → options → a call of the application → a view. No command knows an engine or its client.
  'src/cli': [
    'src/project',
    'src/planner/index.ts',
    'src/parser/index.ts',
    'src/model',
    'src/go-template',
    'src/notation',
    'src/diagnostics',
  ],
  // Commands in the engine's process; the engine itself is out of reach for them here as everywhere.
  'src/cli/host': ['src/cli', 'src/project', 'src/linux', 'src/diagnostics'],
  // Whoever shows files as they are written knows how they are read.
  'src/cli/commands/config': [
    'src/cli',
    'src/project',
    'src/planner/index.ts',
    'src/parser',
    // It asks registries for digests, without an engine.
    'src/image/registry/index.ts',
    'src/model',
    'src/notation',
    'src/oci',
    'src/diagnostics',
  ],
  'src/cli/commands/explain': ['src/cli', 'src/project', 'src/parser', 'src/model', 'src/diagnostics'],
  'src/cli/commands/lint': ['src/cli', 'src/project', 'src/lint', 'src/model', 'src/diagnostics'],
  'src/cli/commands/schema.ts': ['src/cli', 'schemas'],
  'src/index.ts': [
    'src/project',
    'src/parser',
    'src/lint',
    'src/planner',
    'src/executor',
    'src/client',
    'src/model',
    'src/diagnostics',
  ],
}

/** Folders without I/O and clock, with all that is in them, and the packages that they may import all the same. */
export const PURE: Readonly<Record<string, readonly string[]>> = {
  'src/diagnostics': [],
  'src/graph': [],
  'src/notation': [],
  'src/go-template': ['src/diagnostics'],
  'src/model': [],
  'src/lint': [],
  'src/planner': ['node:crypto'],
  // A project as objects of a cluster, and as files: whoever asks reads and writes.
  'src/deploy/kubernetes/convert': ['node:crypto'],
  'src/deploy/kubernetes/files': [],
  'src/deploy/kubernetes/objects': [],
  // Paths in the container, and the numbers of signals.
  'src/engine/terms': ['node:path', 'node:os'],
}

const OWNERS = Object.keys(ALLOWED).sort((a, b) => b.length - a.length)

/** The folder of the table that a file of `src/` is in. */
export function ownerOf(path: string): string | undefined {
  return OWNERS.find(owner => path === owner || path.startsWith(`${owner}/`))
}

/** One line for each import that the table does not allow. */
export function checkImports(modules: readonly Module[]): string[] {
  const problems: string[] = []
  for (const module of modules) {
    const owner = ownerOf(module.path)
    if (owner === undefined) {
      problems.push(`${module.path}: no folder of tools/check/imports.ts owns this file`)
      continue
    }
    const allowed = ALLOWED[owner] ?? []
    for (const target of module.imports) {
      const inside = target === owner || target.startsWith(`${owner}/`)
      const listed = allowed.some(folder => target === folder || target.startsWith(`${folder}/`))
      if (!inside && !listed) problems.push(`${module.path}: ${owner} must not import ${target}`)
    }
    problems.push(...impurities(module))
  }
  return problems
}

function impurities({ path, packages }: Module): string[] {
  // Doubles and generators for tests are not part of the folder's own work.
  if (path.includes('/testing/')) return []
  return Object.entries(PURE)
    .filter(([folder]) => path.startsWith(`${folder}/`))
    .flatMap(([folder, allowed]) =>
      packages
        .filter(name => !allowed.includes(name))
        .map(name => `${path}: ${folder} is pure and must not import ${name}`),
    )
}
