"""Reads /metrics of the base URL that it is given with Prometheus' own parser and prints every sample as
"NAME{LABELS} VALUE", then what /readyz and /healthz say."""
import sys
import urllib.request
from prometheus_client.openmetrics.parser import text_string_to_metric_families


def get(page):
    request = urllib.request.Request(sys.argv[1] + page, headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


for family in text_string_to_metric_families(get("/metrics")):
    for sample in family.samples:
        labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
        print(f"{sample.name}{{{labels}}} {sample.value:.0f}")
for page in ("readyz", "healthz"):
    print(f"{page}: {get('/' + page).strip()}")
