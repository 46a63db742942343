"""The verbs, one a file, in the order in which help lists them: importing this is what declares them."""

from walesi_research.cli.verbs import (  # isort: skip  # noqa: F401
    run,
    status,
    report,
    check,
    simulate,
    nation,
    key,
    export,
    render,
    sweep,
    calibrate,
    verify,
    init,
    instrument,
    new_notebook,
)
