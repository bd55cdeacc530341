// Licensed under the Apache License, Version 2.0; see LICENSE.

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The directory of an installed package. */
export function directory (name) {
  for (const root of require.resolve.paths(name)) {
    if (existsSync(join(root, name, 'package.json'))) return join(root, name)
  }
  throw new Error(`${name} is not installed: npm install --prefix ${dirname(import.meta.filename)}`)
}

/** `name version` of an installed package. */
export function version (name) {
  return JSON.parse(readFileSync(join(directory(name), 'package.json'), 'utf8')).version
}
