#!/usr/bin/env bash
# Makes echarts.min.js anew: the parts of Apache ECharts that the page uses, from the npm registry, at the versions below, in one file by
# esbuild. `./build.sh` writes it with its licences and SHA256SUMS; a test holds the files against these digests.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --no-audit --no-fund --save-exact echarts@6.1.0 zrender@6.1.0 tslib@2.3.0 esbuild@0.28.2
cat > entry.js <<'JS'
export { init, use } from "echarts/core";
import { use } from "echarts/core";
import { BarChart, GraphChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, TooltipComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
use([BarChart, GraphChart, DataZoomComponent, GridComponent, TooltipComponent, LabelLayout, SVGRenderer]);
JS
npx esbuild entry.js --bundle --minify --format=iife --global-name=echarts --target=es2020 --charset=ascii \
  --legal-comments=none --define:process.env.NODE_ENV='"production"' \
  --banner:js='/* Apache ECharts 6.1.0 (Apache-2.0), with zrender 6.1.0 (BSD-3-Clause) and tslib 2.3.0 (0BSD); made by build.sh */' \
  --outfile="$here/echarts.min.js"
cp node_modules/echarts/LICENSE "$here/LICENSE.echarts"
cp node_modules/echarts/NOTICE "$here/NOTICE.echarts"
cp node_modules/zrender/LICENSE "$here/LICENSE.zrender"
cp node_modules/tslib/LICENSE.txt "$here/LICENSE.tslib"
cd "$here"
sha256sum echarts.min.js LICENSE.echarts NOTICE.echarts LICENSE.zrender LICENSE.tslib > SHA256SUMS
cat SHA256SUMS
