"""CDS Hooks 2.0.1: services that electronic records call while a chart is open or an order is chosen."""

from tumorboard.web.cds.routes import Cds, cds_router

__all__ = ["Cds", "cds_router"]
