"""How made-up tables are described: the fields and resources of a datapackage.json."""

RULES = ("required", "unique", "minimum", "maximum", "enum", "pattern")


def field(name, kind, title, title_zh, description, unit="", **properties):
    """A column; the rules among its properties become constraints."""
    constraints = {rule: properties.pop(rule) for rule in RULES if rule in properties}
    return {"name": name, "type": kind, "title": title, "title_zh": title_zh, "description": description, "unit": unit,
            "source": "made up", "via": "", "licence": "CC0-1.0", "vintage": "made up", **properties, "constraints": constraints}


def resource(name, title, description, key, fields, coverage, *, points=(), gaps=(), optional=False):
    """A table; the columns in `points` hold names of the table of regions, and without an optional one a chapter goes on."""
    schema = {"fields": fields, "primaryKey": key, "missingValues": [""]}
    if points:
        schema["foreignKeys"] = [{"fields": f, "reference": {"resource": "regions", "fields": "region"}} for f in points]
    return {"name": name, "title": title, "description": description, "path": f"{name}.csv", "profile": "tabular-data-resource", "format": "csv",
            "mediatype": "text/csv", "encoding": "utf-8", "coverage": coverage, "gaps": list(gaps), "status": "made up",
            "status_reason": "No place of this name is meant.", **({"optional": True} if optional else {}), "schema": schema}
